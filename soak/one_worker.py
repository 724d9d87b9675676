"""A worker on a core of its own, and what its single predictions take."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from soak.requests_sent import SINGLE
from tools.cores import LOAD_CORE, SERVER_CORE, on_core
from tools.servers import Server, fetch, gunicorn
from tools.wrk import Report, wrk

WARM_SECONDS, SECONDS = 4, 4
"""Seconds of load before anything is measured, and of each measurement."""

PROBE_SECONDS = 0.1
"""Between two probes."""


@contextmanager
def one_worker(folder: Path) -> Iterator[Server]:
    """Start it on the server's core, and stay on the other."""
    with ExitStack() as stack:
        with on_core(SERVER_CORE):
            server = stack.enter_context(gunicorn(folder, WEB_CONCURRENCY="1", LOG_LEVEL="WARNING"))
        stack.enter_context(on_core(LOAD_CORE))
        wrk(server.url, [SINGLE], WARM_SECONDS)
        yield server


def singles(server: Server, seconds: int = SECONDS, connections: int = 8) -> Report:
    """Ask for one prediction after the other over each connection."""
    return wrk(server.url, [SINGLE], seconds, connections)


@contextmanager
def probing(server: Server) -> Iterator[list[float]]:
    """Ask for `/health/live` now and then; yields the seconds that the answers took."""
    taken: list[float] = []
    done = threading.Event()

    def probe() -> None:
        while not done.wait(PROBE_SECONDS):
            started = time.monotonic()
            fetch(f"{server.url}/health/live")
            taken.append(time.monotonic() - started)

    thread = threading.Thread(target=probe)
    thread.start()
    try:
        yield taken
    finally:
        done.set()
        thread.join()
