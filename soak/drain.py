"""Stops the server under load: what it has taken it answers, then it takes no more."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

from soak.figures import Figure, failures
from soak.requests_sent import MIXED
from tools.load_clients import load
from tools.servers import Server, children, gunicorn, wait_until
from tools.slow_clients import idle

CLIENTS, WORKERS, IDLE = 8, 2, 500
TITLE = f"Drain: the server is stopped under load, with {IDLE} idle connections"

LONGEST, SOON = 1.0, 0.5
"""Seconds in which the server must have ended, and in which nobody is let in any more."""

PAUSE = 0.005
"""Seconds between two requests of a client, which would else take the processor once refused."""


def run(folder: Path) -> list[Figure]:
    """Stop under load over kept connections, then with a connection for each request."""
    figures: list[Figure] = []
    for keep, name in ((True, "kept connections"), (False, "a connection each")):
        place = folder / name
        place.mkdir()
        figures += _stop(place, keep, name)
    return figures


def _stop(folder: Path, keep: bool, name: str) -> list[Figure]:
    """Stop the server under load.

    Who is still in the kernel's queue when the last worker closes it is reset, who comes later is
    refused; neither was taken. What was taken, the log tells.
    """
    with gunicorn(folder, WEB_CONCURRENCY=str(WORKERS)) as server:
        wait_until(lambda: len(children(server.process.pid)) == WORKERS, "the workers")
        with (
            idle(server, IDLE),
            load(server.url, MIXED, CLIENTS, PAUSE, keep) as sent,
        ):
            wait_until(lambda: sent.total > 500, "load")
            started = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            while _lets_in(server):
                time.sleep(PAUSE)
            closed = time.monotonic() - started
            server.process.wait()
            took = time.monotonic() - started
    lines = [line for line in server.log.read_text().splitlines() if '"app.requests"' in line]
    taken = sum('"path":"/health/live"' not in line for line in lines)
    answered = sent.total - sent.failed
    refused = sum(n for (_, o), n in sent.seen.items() if "ConnectionRefusedError" in str(o))
    return [
        Figure(f"{name}: it took, s, under {LONGEST}", f"{took:.2f}", broken=took >= LONGEST),
        Figure(
            f"{name}: nobody was let in after, s, under {SOON}",
            f"{closed:.2f}",
            broken=closed >= SOON,
        ),
        Figure(f"{name}: answered", f"{answered:,}"),
        Figure(f"{name}: not taken any more, but reset", f"{sent.failed - refused:,}"),
        failures(f"{name}: taken and not answered", taken - answered),
    ]


def _lets_in(server: Server) -> bool:
    """Whether a connection is accepted."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True
