"""A million customers into PostgreSQL, interrupted half-way and run again; then looked up."""

from __future__ import annotations

import csv
import html
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

import psycopg
from rich.console import Console
from rich.table import Table

from app.config import Settings
from app.customers.files.sample_file import SAMPLE
from app.customers.store.cache import Cache
from app.customers.store.database import Database
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.score_distribution import renew
from app.releases.registry import ReleaseRegistry
from benchmarks.contenders import ROOT
from model.feature_file import load_contract
from tools.databases import postgresql
from tools.servers import Server, gunicorn

COUNT = 1_000_000
MEMORY = 300.0
"""Most memory of the load, in MB."""

ROUNDS = 50

FIRST_BYTE = 100.0
"""Most milliseconds until the first byte of a page."""


def run(console: Console, count: int = COUNT) -> None:
    """Print seconds, rows a second and memory of the load, and milliseconds of reading after it.

    The pages are asked of a server; their time is until the first byte.
    """
    with tempfile.TemporaryDirectory() as folder, postgresql() as cluster:
        file, address = Path(folder) / "customers.csv", cluster.new()
        _write(file, count)
        upgrade(Database(address))
        killed_at = _interrupted(file, address, count)
        seconds, memory = _load(file, address)
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT count(*), count(log_odds) FROM customers").fetchone()
            connection.execute("ANALYZE customers")
        if found != (count, count):
            raise SystemExit(f"{found} customers and scores are stored, not {count}")
        table = Table(title=f"{count:,} customers, CSV into PostgreSQL", title_justify="left")
        for heading in ("", "measured", "target", ""):
            table.add_column(heading, justify="right" if heading else "left")
        table.add_row("killed after rows", f"{killed_at:,}")
        table.add_row("run again: stored, each with its score", f"{found[0]:,}")
        table.add_row("seconds", f"{seconds:.0f}")
        table.add_row("rows a second", f"{count / seconds:,.0f}")
        met = "met" if memory < MEMORY else "NOT MET"
        table.add_row("peak memory, MB", f"{memory:.0f}", f"< {MEMORY:.0f}", met)
        for name, taken in _reads(address, count).items():
            table.add_row(f"{name}, median ms", f"{taken:.2f}")
        table.add_row("distribution of the scores made anew, seconds", f"{_renewing(address):.1f}")
        for name, each in _pages(address, Path(folder)).items():
            met = "met" if median(each) < FIRST_BYTE else "NOT MET"
            shown = f"{median(each):.0f}, slowest {each[-1]:.0f}"
            table.add_row(f"{name}, first byte, median ms", shown, f"< {FIRST_BYTE:.0f}", met)
    console.print(table)


def _write(file: Path, count: int) -> None:
    """Yield the sample customers repeatedly, each time with other ids."""
    with SAMPLE.open(newline="") as sample:
        header, *rows = csv.reader(sample)
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows([f"c-{i:07}", *rows[i % len(rows)][1:]] for i in range(count))


def _start(file: Path, address: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "customers", "load", str(file)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _interrupted(file: Path, address: str, count: int) -> int:
    """Kill a load half-way; how many rows were stored by then."""
    process = _start(file, address)
    with psycopg.connect(address, autocommit=True) as connection:

        def stored() -> int:
            row = connection.execute("SELECT count(*) FROM customers").fetchone()
            return int(row[0]) if row else 0

        while process.poll() is None and stored() < count // 2:
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return stored()


def _load(file: Path, address: str) -> tuple[float, float]:
    """Measure seconds of a whole load, and the peak memory of its process in MB."""
    started = time.perf_counter()
    process = _start(file, address)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the load ended with {os.waitstatus_to_exitcode(status)}")
    process.returncode = 0
    return time.perf_counter() - started, usage.ru_maxrss / 1000


def _reads(address: str, count: int) -> dict[str, float]:
    """Milliseconds of a lookup past the cache, and of the first and a late page of the ranking."""
    release = ReleaseRegistry(Settings().model_dir).serving
    if release is None:
        raise SystemExit("no release of the model is in service")
    digest, database = release.digests["scorecard.json"], Database(address)
    store = CustomerStore(database, Cache("", database, load_contract()))
    half = psycopg.connect(address)
    with half:
        query = "SELECT log_odds, id FROM customers ORDER BY log_odds DESC, id OFFSET %s LIMIT 1"
        late = half.execute(query, (count // 2,)).fetchone()
    taken: dict[str, list[float]] = {"a lookup": [], "first page of 50": [], "a late page": []}
    for i in range(ROUNDS):
        customer = f"c-{i * (count // ROUNDS):07}"
        for name, read in {
            "a lookup": lambda customer=customer: store.features(customer),
            "first page of 50": lambda: store.at_risk(digest, 50, None),
            "a late page": lambda: store.at_risk(digest, 50, late),
        }.items():
            started = time.perf_counter()
            read()
            taken[name].append((time.perf_counter() - started) * 1000)
    database.engine.dispose()
    return {name: median(each) for name, each in taken.items()}


def _renewing(address: str) -> float:
    """Seconds to read all scores in order, and to store their quantiles."""
    release = ReleaseRegistry(Settings().model_dir).serving
    if release is None:
        raise SystemExit("no release of the model is in service")
    with Database(address).bulk() as connection:
        started = time.perf_counter()
        renew(connection, release.digests["scorecard.json"])
        return time.perf_counter() - started


def _pages(address: str, folder: Path) -> dict[str, list[float]]:
    """Milliseconds until the first byte of pages, rising; a round before isn't counted."""
    taken: dict[str, list[float]] = {}
    with gunicorn(folder, DATABASE_URL=address) as server:
        following = re.search(r'href="([^"]*after=[^"]*)"', _text(server, "/customers"))
        if following is None:
            raise SystemExit("the list has no second page")
        pages = {
            "list": "/customers",
            "list, second page": html.unescape(following[1]),
            "list for a budget": "/customers?budget=100000",
            "list for a budget that ends late": "/customers?budget=1000000000",
            "API, list for a budget": "/customers/at-risk?budget=100000",
            "list, filtered": "/customers?f.contract=One+year&f.paperless_billing=false",
            "a customer": "/customers/c-0500000",
        }
        for name, path in pages.items():
            _first_byte(server, path)
            taken[name] = sorted(_first_byte(server, path) for _ in range(ROUNDS))
    return taken


def _text(server: Server, path: str) -> str:
    with urllib.request.urlopen(server.url + path, timeout=60) as answer:
        return str(answer.read().decode())


def _first_byte(server: Server, path: str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(server.url + path, timeout=60) as answer:
        answer.read(1)
        return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    run(Console(width=120))
