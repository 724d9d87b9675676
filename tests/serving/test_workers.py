"""Workers start and end under load: no request fails, and each is counted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.prediction_bodies import REQUIRED
from tools.load_clients import load
from tools.servers import PATIENCE_SECONDS, ROOT, Server, children, gunicorn, wait_until
from tools.worker_metrics import samples

PREDICT: tuple[str, str, object] = ("POST", "/predict", {"features": REQUIRED})
ROUNDS = 2
"""Seconds of changes, over connections of each kind; `make soak` runs longer."""


@pytest.fixture(params=["loop", "threads"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    settings = {"WEB_CONCURRENCY": "2", "LOG_LEVEL": "WARNING", "WORKER": request.param}
    with gunicorn(tmp_path, **settings) as server:
        # The first answers before the second is begun.
        wait_until(lambda: len(children(server.process.pid)) == 2, "both workers")
        yield server


def tell(server: Server, change: str) -> None:
    """What an operator types."""
    command = [sys.executable, "-m", "app.cli.main", "workers", change]
    subprocess.run([*command, "--server", str(server.process.pid)], check=True, cwd=ROOT)


def reload(server: Server) -> None:
    """New workers for all."""
    before = set(children(server.process.pid))
    tell(server, "replace")
    replaced(server, before)


def end_one(server: Server) -> None:
    """A worker ends, as an operator or the kernel's shutdown ends it."""
    worker, *others = children(server.process.pid)
    os.kill(worker, signal.SIGTERM)
    replaced(server, {worker}, len(others) + 1)


def scale(server: Server) -> None:
    """Two workers more, and two fewer."""
    for change, number in (("add", 3), ("add", 4), ("remove", 3), ("remove", 2)):
        tell(server, change)
        wait_until(
            lambda number=number: len(children(server.process.pid)) == number, f"{number} workers"
        )


def test_replacing_workers_keeps_their_number(served: Server) -> None:
    """A worker that was added is replaced, too."""
    tell(served, "add")
    wait_until(lambda: len(children(served.process.pid)) == 3, "3 workers")
    for _ in range(2):
        before = set(children(served.process.pid))
        tell(served, "replace")
        replaced(served, before, 3)
    tell(served, "remove")
    wait_until(lambda: len(children(served.process.pid)) == 2, "2 workers")


def replaced(server: Server, gone: set[int], number: int = 2) -> None:
    def done() -> bool:
        now = set(children(server.process.pid))
        return not now & gone and len(now) == number

    wait_until(done, "new workers")


@pytest.mark.parametrize("keep", [False, True], ids=["a connection each", "kept connections"])
def test_no_request_fails_and_each_is_counted(served: Server, keep: bool) -> None:
    """While workers are reloaded, end, become more and fewer, over and over."""
    steps: list[Callable[[Server], None]] = [reload, end_one, scale]
    with load(served.url, [PREDICT], clients=6, keep=keep) as sent:
        for step in steps * ROUNDS:
            before = sent.total
            step(served)
            wait_until(lambda before=before: sent.total >= before + 100, "load after it")
    assert set(sent.seen) == {("/predict", 200)}
    assert counted(served) == sent.seen


def counted(server: Server) -> Counter[tuple[str, int | str]]:
    """The service's own account of the requests."""
    found: Counter[tuple[str, int | str]] = Counter()
    for (name, labels), value in samples(server).items():
        if name == "http_request_duration_seconds_count":
            label = dict(labels)
            found[label["route"], int(label["status"])] += int(value)
    return found


def test_a_worker_that_is_killed_takes_no_more_than_it_held(served: Server) -> None:
    """A killed process can't answer; each client loses at most one request."""
    clients = 6
    with load(served.url, [PREDICT], clients=clients, keep=True) as sent:
        wait_until(lambda: sent.total > 200, "load")
        worker, *_ = children(served.process.pid)
        os.kill(worker, signal.SIGKILL)
        replaced(served, {worker})
        before = sent.total
        wait_until(lambda: sent.total > before + 200, "load after it")
    failed = sum(number for (_, outcome), number in sent.seen.items() if outcome != 200)
    assert failed <= clients
    assert sent.seen["/predict", 200] >= 400


def test_workers_end_with_a_server_that_is_killed(served: Server) -> None:
    """They would keep its port."""
    workers = children(served.process.pid)
    served.process.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "they end")


@pytest.mark.parametrize("worker", ["loop", "threads"])
@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_is_ended_as_soon_as_it_answers_waits_for_no_worker(
    tmp_path: Path, ends: signal.Signals, worker: str
) -> None:
    """New workers don't lose the signal to end."""
    with gunicorn(tmp_path, WEB_CONCURRENCY="6", WORKER=worker) as server:
        server.process.send_signal(ends)
        server.process.wait(PATIENCE_SECONDS)
    log = server.log.read_text()
    begun = re.findall(r"Booting worker with pid: (\d+)", log)
    assert sorted(re.findall(r"Worker exiting \(pid: (\d+)\)", log)) == sorted(begun)
    assert begun


def test_the_workers_of_a_server_are_listed_and_wrong_changes_refused(served: Server) -> None:
    command = [sys.executable, "-m", "app.cli.main", "workers"]
    server = ["--server", str(served.process.pid)]
    done = subprocess.run([*command, *server], capture_output=True, text=True, check=True, cwd=ROOT)
    workers = ", ".join(map(str, sorted(children(served.process.pid))))
    assert done.stdout == f"server {served.process.pid}: workers {workers}\n"

    def refused(arguments: list[str], **changed: str) -> tuple[int, str]:
        done = subprocess.run(
            [*command, *arguments],
            env={**os.environ, **changed},
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        return done.returncode, done.stderr

    assert refused(["--server", "1"])[0] == 1
    assert refused(["dismiss"])[0] == 2
    status, message = refused(["add"], DATABASE_URL="sqlite:////nowhere/churn.sqlite3")
    assert (status, message.count("\n")) == (1, 1)
    assert "no server runs here" in message
