"""A million customers in PostgreSQL scored in place, the ranking asked for meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from http import HTTPStatus
from itertools import cycle, islice
from pathlib import Path
from resource import struct_rusage
from statistics import median, quantiles
from unittest.mock import patch

import orjson
import psycopg
from rich.console import Console
from rich.table import Table

from app.config import Settings
from app.customers import rescoring
from app.customers.files.customer_reader import read
from app.customers.files.header_matching import HeaderRules
from app.customers.files.sample_file import SAMPLE
from app.customers.store.cache import Cache
from app.customers.store.database import Database
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.score_distribution import renew
from app.customers.store.writes import count as count_stored
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from benchmarks.contenders import ROOT
from tools.databases import PostgreSQL, postgresql
from tools.servers import Server, fetch, gunicorn

COUNT = 1_000_000
SECONDS = 30.0
"""Most seconds of the command."""

PLAIN = 50_000
"""Customers of the comparison, which takes longer."""

BEFORE = 100
"""Requests for the ranking before the command."""

PAUSE = 0.1
"""Seconds between two requests for the ranking meanwhile."""

RANKING = "/customers/at-risk?limit=20"


def run(console: Console, count: int = COUNT) -> None:
    """Print seconds, customers a second and memory, and milliseconds of the ranking meanwhile."""
    release = ReleaseRegistry(Settings().model_dir).serving
    if release is None:
        raise SystemExit("no release of the model is in service")
    with tempfile.TemporaryDirectory() as folder, postgresql() as cluster:
        address, small = cluster.new(), cluster.new()
        _fill(address, count)
        _fill(small, PLAIN)
        plain, fast = _rates(small, release)
        with gunicorn(Path(folder), DATABASE_URL=address) as server:
            before = [_milliseconds(server) for _ in range(BEFORE)]
            spent = _processor_seconds(cluster)
            seconds, usage, meanwhile = _scored(address, server)
            spent = _processor_seconds(cluster) - spent + usage.ru_utime + usage.ru_stime
        left = _left(address, release)
        renewed = _renewing(address, release)
    table = Table(title=f"{count:,} customers scored in PostgreSQL", title_justify="left")
    for heading in ("", "measured", "target", ""):
        table.add_column(heading, justify="right" if heading else "left")
    met = "met" if seconds < SECONDS else "NOT MET"
    table.add_row(
        "seconds, start of the command included", f"{seconds:.1f}", f"< {SECONDS:.0f}", met
    )
    table.add_row("of these, the distribution made anew", f"{renewed:.1f}")
    table.add_row("processor seconds, database and command", f"{spent:.1f}")
    table.add_row("customers a second", f"{count / seconds:,.0f}")
    table.add_row(
        "customers without a score after it", f"{left:,}", "0", "met" if not left else "NOT MET"
    )
    table.add_row("peak memory of the command, MB", f"{usage.ru_maxrss / 1000:.0f}")
    for name, taken in (("before", before), ("meanwhile", meanwhile)):
        p99 = quantiles(taken, n=100)[98]
        table.add_row(f"ranking {name}, ms, p50 and p99", f"{median(taken):.0f}, {p99:.0f}")
    table.add_row("pages of the ranking meanwhile", f"{len(meanwhile):,}")
    table.add_row(
        f"{PLAIN:,} customers, in place / by the scorer, a second", f"{fast:,.0f} / {plain:,.0f}"
    )
    console.print(table)


def _fill(address: str, count: int) -> None:
    """Store the sample customers repeatedly, each with a score of another release."""
    database = Database(address)
    upgrade(database)
    with SAMPLE.open("rb") as file:
        rules = HeaderRules(ReleaseRegistry(Settings().model_dir).contract)
        rows = [orjson.dumps(row.features).decode() for row in read(file, SAMPLE.name, rules).rows]
    columns = "id, features, updated_at, log_odds, scored_with"
    with psycopg.connect(address, autocommit=True) as connection:
        with connection.cursor().copy(f"COPY customers ({columns}) FROM STDIN".encode()) as copy:
            for number, features in enumerate(islice(cycle(rows), count)):
                score = number * 7919 % count / count
                copy.write_row((f"c-{number:07}", features, "2026-01-01", score, "another"))
        connection.execute("VACUUM ANALYZE customers")


def _rates(address: str, release: Release) -> tuple[float, float]:
    """Customers a second by the scorer, which reads and writes rows, and in place."""
    database = Database(address)
    store = CustomerStore(database, Cache("", database, release.contract))
    rates = []
    for in_place in (False, True):
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("UPDATE customers SET scored_with = 'another'")
            connection.execute("VACUUM FULL ANALYZE customers")
        started = time.perf_counter()
        if in_place:
            rescoring.score(store, release, lambda _: None)
        else:
            with patch.object(rescoring, "score_in_place", return_value=0):
                rescoring.score(store, release, lambda _: None)
        rates.append(PLAIN / (time.perf_counter() - started))
    plain, fast = rates
    return plain, fast


def _scored(address: str, server: Server) -> tuple[float, struct_rusage, list[float]]:
    """Run the command; return its seconds, what it used, and the ranking's times."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "customers", "score"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    taken = []
    status = 0
    while not status:
        taken.append(_milliseconds(server))
        time.sleep(PAUSE)
        status, code, usage = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}")
    return seconds, usage, taken


def _processor_seconds(cluster: PostgreSQL) -> float:
    """Of the connections that have ended."""
    numbers = Path(f"/proc/{cluster.process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, numbers[13:15])) / os.sysconf("SC_CLK_TCK")


def _milliseconds(server: Server) -> float:
    started = time.perf_counter()
    status, text = fetch(server.url + RANKING)
    if status != HTTPStatus.OK:
        raise SystemExit(f"the ranking answered {status}: {text[:200]}")
    return (time.perf_counter() - started) * 1000


def _left(address: str, release: Release) -> int:
    with Database(address).bulk() as connection:
        return count_stored(connection, stale_for=release.digests["scorecard.json"])


def _renewing(address: str, release: Release) -> float:
    with Database(address).bulk() as connection:
        started = time.perf_counter()
        renew(connection, release.digests["scorecard.json"])
        return time.perf_counter() - started


if __name__ == "__main__":
    run(Console(width=120))
