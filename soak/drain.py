"""Replaces workers and stops the server under load: no accepted request fails."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from soak.figures import Figure, failed_requests, failures, milliseconds
from soak.requests_sent import MIXED
from tools.load_clients import load
from tools.servers import Server, ServerError, children, churn, gunicorn, wait_until

TITLE = "Drain: two workers are replaced over and over, then the server is stopped"
CLIENTS, WORKERS = 6, 2


def run(folder: Path, seconds: float) -> list[Figure]:
    """Replace workers for some seconds, over connections of both kinds, then stop."""
    figures: list[Figure] = []
    for keep, name in ((True, "kept connections"), (False, "a connection each")):
        place = folder / name
        place.mkdir()
        with gunicorn(place, WEB_CONCURRENCY=str(WORKERS), LOG_LEVEL="WARNING") as server:
            reloads: list[float] = []
            _all_there(server)  # the first answers before the last is begun
            deadline = time.monotonic() + seconds / 2
            with load(server.url, MIXED, clients=CLIENTS, keep=keep) as sent:
                while not reloads or time.monotonic() < deadline:
                    reloads.append(_replace(server))
            figures += [
                Figure(f"{name}: reloads", str(len(reloads))),
                Figure(f"{name}: slowest reload, s", f"{max(reloads):.1f}"),
                Figure(f"{name}: requests", f"{sent.total:,}"),
                *milliseconds(f"{name}: answer", sent.seconds),
                failed_requests(f"{name}: requests that failed", sent),
            ]
    return figures + _stop(folder)


def _replace(server: Server) -> float:
    """Replace all workers; how long it took."""
    before, started = set(children(server.process.pid)), time.monotonic()
    done = churn("workers", "replace", "--server", str(server.process.pid))
    if done.returncode:
        raise ServerError(f"churn workers replace: {done.stderr}")

    def replaced() -> bool:
        now = set(children(server.process.pid))
        return not now & before and len(now) == WORKERS

    wait_until(replaced, "new workers")
    return time.monotonic() - started


def _all_there(server: Server) -> None:
    wait_until(lambda: len(children(server.process.pid)) == WORKERS, "the workers")


def _stop(folder: Path) -> list[Figure]:
    """Stop the server under load.

    Who is still in the kernel's queue when the last worker closes it is reset, who comes later is
    refused; neither was taken. What was taken, the log tells.
    """
    with gunicorn(folder, WEB_CONCURRENCY=str(WORKERS)) as server:
        _all_there(server)
        with load(server.url, MIXED, clients=CLIENTS) as sent:
            wait_until(lambda: sent.total > 500, "load")
            started = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            server.process.wait()
            took = time.monotonic() - started
    lines = [line for line in server.log.read_text().splitlines() if '"app.requests"' in line]
    taken = sum('"path":"/health/live"' not in line for line in lines)
    answered = sent.total - sent.failed
    refused = sum(n for (_, o), n in sent.seen.items() if "ConnectionRefusedError" in str(o))
    return [
        Figure("stop: it took, s", f"{took:.1f}"),
        Figure("stop: answered", f"{answered:,}"),
        Figure("stop: not taken any more, but reset", f"{sent.failed - refused:,}"),
        failures("stop: taken and not answered", taken - answered),
    ]
