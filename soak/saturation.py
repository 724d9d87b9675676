"""A saturated worker: the check finds it, the alert fires, another worker helps."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from app.handbook.web.alert_states import AlertStates
from scripts import alerts
from soak.figures import Figure, failed_requests
from soak.requests_sent import BATCH
from tools.load_clients import load
from tools.prometheus import prometheus
from tools.servers import Server, children, churn, gunicorn, wait_until

TITLE = "Saturation: one worker, batches without a pause; the alert's minutes are seconds"
ALERT = "ChurnApiSaturated"

LONGEST = 90.0
"""Seconds to wait for a state."""


def run(folder: Path) -> list[Figure]:
    """Load the worker until it is found to be busy, add another, and end the load."""
    with gunicorn(folder, WEB_CONCURRENCY="1") as server, ExitStack() as stack:
        rules = alerts.render(server.url, f"{server.url}/dashboard", shorter=60)
        watching = stack.enter_context(prometheus(folder, server.url, rules))

        known = AlertStates(watching, LONGEST)

        def fires() -> bool:
            return known.states([ALERT])[ALERT].state == "firing"

        stack.enter_context(_computing_first(server))
        flood = stack.enter_context(ExitStack())
        sent = flood.enter_context(load(server.url, BATCH))
        figures = [
            _when("the check finds it", lambda: not _sound("service.saturated")),
            _when("the alert fires", fires),
            Figure("the check of the model meanwhile", "ok" if _sound("model") else "a finding"),
        ]
        churn("workers", "add", "--server", str(server.process.pid))
        wait_until(lambda: len(children(server.process.pid)) == 2, "another worker")
        flood.close()
        figures += [
            _when("after the load the check is quiet", lambda: _sound("service.saturated")),
            _when("after the load the alert ends", lambda: not fires()),
        ]
    return [*figures, Figure("batches", f"{sent.total:,}"), failed_requests("that failed", sent)]


def _sound(check: str) -> bool:
    return churn("diagnose", check).returncode == 0


def _when(what: str, happens: Callable[[], bool]) -> Figure:
    """After how many seconds something happens.

    That it does not is no fault of the service: the machine may give the worker too little.
    """
    started = time.monotonic()
    while not happens():
        if time.monotonic() - started > LONGEST:
            return Figure(what, f"not within {LONGEST:.0f} s")
        time.sleep(0.2)  # the interval of a poll
    return Figure(what, f"after {time.monotonic() - started:.0f} s")


@contextmanager
def _computing_first(server: Server) -> Iterator[None]:
    """Let the workers, and the clients that the block starts, compute before other processes.

    How busy they are is then theirs, whatever else the machine does. It needs root, and is left
    out without.
    """
    _prefer(server, -15)
    try:
        yield
    finally:
        _prefer(server, 0)


def _prefer(server: Server, niceness: int) -> None:
    """Set the niceness of a thread, which the threads that it starts inherit."""
    processes = children(server.process.pid)
    tasks = [task for pid in processes for task in Path(f"/proc/{pid}/task").glob("*")]
    for thread in (threading.get_native_id(), *(int(task.name) for task in tasks)):
        with suppress(PermissionError, ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, thread, niceness)
