"""Two hundred thousand requests to one worker: growth of its memory and of its open files."""

from __future__ import annotations

from pathlib import Path

from soak.figures import Figure
from soak.requests_sent import MANY
from tools.servers import Server, children, gunicorn, wait_until
from tools.wrk import wrk

REQUESTS, FIRST = 200_000, 20_000
TITLE = f"Memory: one worker, after the first {FIRST:,} of {REQUESTS:,} requests and later"

GROWTH, SLACK = 0.02, 2.0
"""It may grow by this share or by these MB, whichever is more."""

BESIDES = 2
"""Open files more than before that are no leak: of the database."""

SLICE_SECONDS = 5


def run(folder: Path) -> list[Figure]:
    """Send the requests, and compare."""
    with gunicorn(folder, WEB_CONCURRENCY="1", LOG_LEVEL="WARNING") as server:
        total, failed, marks = 0, 0, []
        for goal in (FIRST, REQUESTS // 2, REQUESTS):
            while total < goal:
                report = wrk(server.url, MANY, SLICE_SECONDS)
                total, failed = total + report.requests, failed + report.failed
            wait_until(lambda: not _clients(server), "the clients' connections are closed")
            marks.append((total, _resident(server), _files(server)))
    _, before, files = marks[0]
    allowed = max(GROWTH * before, SLACK)
    figures = [Figure("requests that failed", f"{failed:,}", broken=failed > 0)]
    for number, memory, opened in marks:
        figures += [
            Figure(
                f"MB after {number:,} requests", f"{memory:.1f}", broken=memory > before + allowed
            ),
            Figure(f"open files after {number:,}", str(opened), broken=opened > files + BESIDES),
        ]
    return figures


def _worker(server: Server) -> Path:
    (worker,) = children(server.process.pid)
    return Path(f"/proc/{worker}")


def _resident(server: Server) -> float:
    """MB of the worker."""
    status = (_worker(server) / "status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _files(server: Server) -> int:
    """How many descriptors the worker has open."""
    return len(list((_worker(server) / "fd").iterdir()))


def _clients(server: Server) -> int:
    """How many connections the server holds, whether or not its clients have closed them."""
    port = f":{int(server.url.rpartition(':')[2]):04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(port) and row[3] in {"01", "08"} for row in rows)
