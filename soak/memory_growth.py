"""Thousands of requests to one worker: growth of its memory, and connections left open."""

from __future__ import annotations

from pathlib import Path

from soak.figures import Figure, failures
from soak.requests_sent import MIXED
from tools.load_clients import load
from tools.servers import Server, children, gunicorn, wait_until

TITLE = "Memory: one worker, after a first thousand requests and after many"
FIRST = 1_000
A_SECOND = 500
"""Requests for each second that the soak is given."""

BESIDES = 4
"""Sockets more than before that are no leak: of the database's file, of the last clients."""


def run(folder: Path, seconds: float) -> list[Figure]:
    """Send the requests, and compare."""
    number = int(A_SECOND * seconds)
    with gunicorn(folder, WEB_CONCURRENCY="1", LOG_LEVEL="WARNING") as server:
        failed = _send(server, FIRST)
        before, sockets = _resident(server), _sockets(server)
        halves = []
        for _ in range(2):
            failed += _send(server, number // 2)
            halves.append(_resident(server))
        wait_until(lambda: _sockets(server) <= sockets + BESIDES, "clients' connections are closed")
        left = max(0, _sockets(server) - sockets - BESIDES)
    return [
        Figure("requests", f"{number:,}"),
        Figure("MB at first", f"{before:.1f}"),
        Figure("MB more after half", f"{halves[0] - before:+.1f}"),
        Figure("MB more after all", f"{halves[1] - before:+.1f}"),
        failures("requests that failed", failed),
        failures("connections left open", left),
    ]


def _send(server: Server, number: int) -> int:
    """Send requests, and count those that failed."""
    with load(server.url, MIXED, keep=True) as sent:
        wait_until(lambda: sent.total >= number, f"{number} requests", seconds=3600)
    return sent.failed


def _resident(server: Server) -> float:
    """MB of the worker."""
    (worker,) = children(server.process.pid)
    status = Path(f"/proc/{worker}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _sockets(server: Server) -> int:
    """How many the worker has open."""
    (worker,) = children(server.process.pid)
    found = [_target(path) for path in Path(f"/proc/{worker}/fd").iterdir()]
    return sum(target.startswith("socket:") for target in found)


def _target(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # closed meanwhile
        return ""
