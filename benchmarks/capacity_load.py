"""Measures the service at rising numbers of connections, in two settings."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from app.access import key_file
from app.customers.files.sample_file import SAMPLE
from benchmarks import batch
from benchmarks.capacity_cells import BATCH, CONNECTIONS, LOOKUP, PREDICT, SHARED, Cell
from benchmarks.open_loop import BODY
from benchmarks.processor_use import Parts
from tools.cores import LOAD_CORE, SERVER_CORE, on_core
from tools.databases import postgresql, redis_server
from tools.ports import free_port
from tools.servers import Server, churn, fetch, gunicorn
from tools.wrk import Report, wrk

CUSTOMERS = 20_000
ASKED = 1_000
"""Stored customers, and how many of them are asked for, one after the other."""

BATCH_SECONDS = 0.025
"""Of a worker for one batch: a cell lasts for two rounds of all connections, if that is longer."""

Requests = list[tuple[str, str, object]]


@dataclass(frozen=True)
class Running:
    """A server in one of the settings."""

    setting: str
    workers: int
    server: Server
    parts: Parts
    key: str

    def cell(self, endpoint: str, connections: int, seconds: int) -> Cell:
        """Load an endpoint, and measure."""
        if endpoint == BATCH:
            seconds = max(seconds, round(2 * connections * BATCH_SECONDS / self.workers))
        self.parts.wait_until_quiet()
        self.parts.forget_peaks()
        counted, before, began = self._lookups(), self.parts.seconds(), time.perf_counter()
        report = self.load(endpoint, connections, seconds)
        took = time.perf_counter() - began
        used = {name: value - before[name] for name, value in self.parts.seconds().items()}
        hits, lookups = (new - old for new, old in zip(self._lookups(), counted, strict=True))
        shares = {name: max(0.0, round(used.pop(name) / took, 3)) for name in PART_NAMES}
        return Cell(
            *(self.setting, self.workers, endpoint, connections),
            **outcome(report),
            cpu=round(shares["server"] * took * 1e6 / max(1, report.requests), 1),
            **{name: round(value, 1) for name, value in self.parts.memory().items()},
            worker=round(max(used.values()) / took, 3),
            **shares,
            hits=round(hits / lookups, 3) if lookups else None,
        )

    def load(self, endpoint: str, connections: int, seconds: int) -> Report:
        """Send the requests of an endpoint for some seconds."""
        return wrk(self.server.url, requests(endpoint), seconds, connections, self.key)

    def _lookups(self) -> tuple[float, float]:
        """Count how many lookups the cache has answered so far, and all."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        status, text = fetch(f"{self.server.url}/metrics", **headers)
        if status != 200:
            raise SystemExit(f"/metrics answered {status}")
        lines = [line for line in text.splitlines() if line.startswith(CACHE)]
        hits = sum(float(line.split()[-1]) for line in lines if 'result="hit"' in line)
        return hits, sum(float(line.split()[-1]) for line in lines)


PART_NAMES = ("server", "load", "database", "cache", "foreign")
CACHE = "churn_cache_requests_total{"


def outcome(report: Report) -> dict[str, float]:
    """Rate, times and failures of a cell, as wrk reports them; no answer at all is a failure."""
    failed = min(1.0, report.failed / report.requests) if report.requests else 1.0
    return {
        "rate": round(report.rate * (1 - failed), 1),
        "p50": round(report.p50, 2),
        "p99": round(report.p99, 2),
        "failed": round(failed, 4),
    }


def requests(endpoint: str) -> Requests:
    """Return what is sent to an endpoint, in turn."""
    method, path = endpoint.split()
    if endpoint == PREDICT:
        return [(method, path, BODY)]
    if endpoint == BATCH:
        return [(method, path, batch.body())]
    if endpoint == LOOKUP:
        step = CUSTOMERS // ASKED
        return [(method, path.replace("ID", _id(i * step)), None) for i in range(ASKED)]
    return [(method, path, None)]


def measure(
    service: Running, endpoint: str, seconds: int, told: Callable[[Cell], None]
) -> list[Cell]:
    """Measure an endpoint at all numbers of connections.

    Args:
        service: whose endpoint it is.
        endpoint: one of its setting.
        seconds: of load for each cell, and before the first one.
        told: is called with each cell.
    """
    service.load(endpoint, 8, seconds)
    cells = []
    for connections in CONNECTIONS:
        cells.append(service.cell(endpoint, connections, seconds))
        told(cells[-1])
    return cells


@contextmanager
def running(setting: str, workers: int, folder: Path) -> Iterator[Running]:
    """Start a server with stored customers.

    One worker has a core of its own, all other processes have the other. Two workers and the
    others share both.
    """
    with ExitStack() as stack:
        alone = workers == 1
        database = cache = None
        environ, key = {"WEB_CONCURRENCY": str(workers)}, ""
        with on_core(LOAD_CORE) if alone else nullcontext():
            if setting == SHARED:
                cluster, port = stack.enter_context(postgresql()), free_port()
                cache = stack.enter_context(redis_server(folder, port)).pid
                database = cluster.process.pid
                keys = folder / "keys.yaml"
                key = key_file.add(keys, "load", ("predict", "operate"))
                environ |= {
                    "DATABASE_URL": cluster.new(),
                    "CACHE_URL": f"redis://127.0.0.1:{port}/0",
                    "API_KEYS_FILE": str(keys),
                    "RATE_LIMIT": "1000000/second",  # counted, and never reached
                }
            else:
                environ["DATABASE_URL"] = f"sqlite:///{folder / 'churn.sqlite3'}"
        _store(folder, environ)
        with on_core(SERVER_CORE) if alone else nullcontext():
            server = stack.enter_context(gunicorn(folder, **environ))
        yield Running(setting, workers, server, Parts(server.process.pid, database, cache), key)


def _id(number: int) -> str:
    return f"c-{number:07}"


def _store(folder: Path, environ: dict[str, str]) -> None:
    """Store the sample's customers, over and over."""
    file = folder / "customers.csv"
    with SAMPLE.open(newline="") as sample, file.open("w", newline="") as out:
        header, *rows = csv.reader(sample)
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows([_id(i), *rows[i % len(rows)][1:]] for i in range(CUSTOMERS))
    for command in (("database", "upgrade"), ("customers", "load", str(file))):
        done = churn(*command, **environ)
        if done.returncode:
            raise SystemExit(done.stderr)
