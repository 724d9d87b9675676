"""Faults of the service's own processes and its software."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from drills.checkout import FAULTY, SOUND, deploy, git
from drills.faults.fault import BUSY, DOWN, Fault
from drills.stack import Stack
from drills.units import WORKERS
from tools.servers import program, ready, running, wait_until
from tools.wrk import SCRIPT

CONNECTIONS = 8
"""Parallel connections of the sender of batches, so that the worker never waits for it."""

BATCH = 1000
"""Customers in a batch."""

MEMORY_LIMIT = 1.5
"""How much memory the workers may use together, in workers of the beginning."""


@contextmanager
def meanwhile(act: Callable[[], object], pause: float) -> Iterator[None]:
    """Do something again and again while the block runs."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(pause):
            with suppress(ProcessLookupError, FileNotFoundError):  # it has ended
                act()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def flooded(stack: Stack) -> Iterator[None]:
    """Send batches without a pause, to a server that has one worker."""
    customers = islice(stack.customers.items(), BATCH)
    batch = [{"id": customer, "features": features} for customer, features in customers]
    body = json.dumps({"customers": batch})
    file = stack.folder / "batch"
    file.write_text(f"POST /predict/batch\n{body}")
    # Its own process: the drill's would be too busy to keep a worker busy.
    sender = [program("wrk"), "-t1", f"-c{CONNECTIONS}", "-d3600s", "--timeout", "60s"]
    sender += ["-s", str(SCRIPT), stack.environ["API"], "--", str(file)]
    for _ in stack.workers()[1:]:
        stack.churn_signal(signal.SIGTTOU)
    wait_until(lambda: len(stack.workers()) == 1, "a single worker")
    try:
        with running(sender, stack.folder / "wrk.log", {"KEY": stack.key}):
            yield
    finally:
        usual_workers(stack)


@contextmanager
def out_of_memory(stack: Stack) -> Iterator[None]:
    """Kill the biggest worker whenever all together use more than a limit, as the kernel does."""
    limit = MEMORY_LIMIT * max(map(_memory, stack.workers()))

    def kill() -> None:
        sizes = {pid: _memory(pid) for pid in stack.workers()}
        if sum(sizes.values()) > limit:
            os.kill(max(sizes, key=lambda pid: sizes[pid]), signal.SIGKILL)

    with meanwhile(kill, 0.5):
        yield
    usual_workers(stack)


@contextmanager
def killed(stack: Stack) -> Iterator[None]:
    """Kill the service's processes."""
    stack.churn.kill()
    try:
        yield
    finally:
        stack.churn.start()


@contextmanager
def hanging(stack: Stack) -> Iterator[None]:
    """Stop the workers, and those that replace them, until the service is another process."""
    server = stack.churn.pid

    def stop() -> None:
        if stack.churn.pid == server:
            for pid in stack.workers():
                os.kill(pid, signal.SIGSTOP)

    stop()
    try:
        with meanwhile(stop, 0.1):
            yield
    finally:
        stack.churn.send(signal.SIGCONT)


@contextmanager
def key_revoked(stack: Stack) -> Iterator[None]:
    """Take Prometheus' key out of the key file."""
    stack.succeeds("churn keys revoke prometheus")
    yield


@contextmanager
def faulty_version(stack: Stack) -> Iterator[None]:
    """Deploy a version in which lookups fail."""
    deploy(stack.checkout, FAULTY)
    restart(stack)
    try:
        yield
    finally:
        if git(stack.checkout, "rev-parse", "HEAD") == git(
            stack.checkout, "rev-parse", f"{FAULTY}^{{commit}}"
        ):
            restart(stack)
        deploy(stack.checkout, SOUND)


def usual_workers(stack: Stack) -> None:
    """Give the service the number of workers that it had in the beginning."""
    for _ in range(len(stack.workers()), WORKERS):
        stack.churn_signal(signal.SIGTTIN)
    for _ in range(WORKERS, len(stack.workers())):
        stack.churn_signal(signal.SIGTTOU)
    wait_until(lambda: len(stack.workers()) == WORKERS, "the usual number of workers")


def restart(stack: Stack) -> None:
    """Restart the service, and wait until it answers."""
    stack.succeeds("systemctl restart churn")
    wait_until(lambda: ready(f"{stack.environ['API']}/health/live"), "the service answers")


def _memory(pid: int) -> int:
    """Return the pages of memory that a process has for itself."""
    resident, shared = map(int, Path(f"/proc/{pid}/statm").read_text().split()[1:3])
    return resident - shared


SATURATED = Fault(
    "a sender with parallel connections of batches, and one worker",
    "ChurnApiSaturated",
    "service.saturated",
    flooded,
)
RESTARTS = Fault(
    "the biggest worker killed whenever the workers' memory exceeds a limit",
    "ChurnApiWorkersRestart",
    "service.restarts",
    out_of_memory,
    DOWN,
)
ERRORS = Fault(
    "a version of the software in which lookups fail",
    "ChurnApiHighErrorRate",
    "service.errors",
    faulty_version,
    DOWN | {500},
)
PROCESS = Fault(
    "all processes of the service killed", "ChurnApiDown", "service.process", killed, DOWN
)
HANGING = Fault("all workers stopped", "ChurnApiDown", "service.workers", hanging, DOWN)
REVOKED = Fault("Prometheus' key revoked", "ChurnApiDown", "service.scrape", key_revoked, BUSY)
