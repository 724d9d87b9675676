"""Scoring in place while others read and write, and killed."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from app.customers import rescoring
from app.customers.store import in_place
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.writes import UNSCORED, write
from app.releases.release_loader import Release
from tests.customers.conftest import some
from tests.stores import opened
from tools.databases import PostgreSQL
from tools.servers import ROOT, fetch, gunicorn, wait_until

MANY = 20_000
RANKING = "SELECT id, log_odds, scored_with FROM customers ORDER BY id"
SCORED = "SELECT count(log_odds) FROM customers"


@pytest.fixture(scope="session")
def template(cluster: PostgreSQL) -> str:
    """A database with customers without a score; its name."""
    url = cluster.new()
    with opened(url) as store:
        upgrade(store.database)
        records = [StoredCustomer(customer, features) for customer, features in some(MANY)]
        with store.database.bulk() as connection:
            write(connection, records, UNSCORED)
    return url.rpartition("/")[2]


@pytest.fixture
def url(cluster: PostgreSQL, template: str) -> str:
    """A copy of the template."""
    name = f"copy_{random.getrandbits(60):x}"
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return cluster.url(name)


def test_a_killed_run_goes_on_where_it_was(
    url: str, release: Release, churn: Callable[..., Any]
) -> None:
    """Killed with its first steps done, and at their number run again: what one run gives."""
    with psycopg.connect(url, autocommit=True) as connection:
        scored = []

        def done() -> int:
            row = connection.execute(SCORED.encode()).fetchone()
            return int(row[0]) if row else 0

        for least in (0, 1, MANY // 2):
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "customers", "score"],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": url},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            wait_until(lambda p=process, n=least: p.poll() is not None or done() >= n, "a step")
            process.send_signal(signal.SIGKILL)
            process.wait()
            scored.append(done())
        assert scored == sorted(scored)
        last = churn("customers", "score", DATABASE_URL=url)
        # The server may finish the step of a client that was killed.
        assert last.returncode == 0, last.stderr
        found = connection.execute(RANKING.encode()).fetchall()
    digest = release.digests["scorecard.json"]
    right = {customer: release.scorecard.log_odds(features) for customer, features in some(MANY)}
    assert {(customer, scored_with) for customer, _, scored_with in found} == {
        (customer, digest) for customer in right
    }
    assert all(abs(score - right[customer]) <= 1e-12 for customer, score, _ in found)


def test_readers_are_served_and_writers_win(url: str, release: Release, tmp_path: Path) -> None:
    """A real server ranks, and a load replaces customers, while small steps score the base."""
    newer = some(2000, seed=1)
    with (
        opened(url) as store,
        gunicorn(tmp_path, DATABASE_URL=url) as server,
        patch.object(in_place, "BLOCKS", 25),
        ThreadPoolExecutor(2) as pool,
    ):
        steps: list[int] = []
        scoring = pool.submit(rescoring.score, store, release, steps.append)

        def load() -> None:
            with store.database.bulk() as connection:
                for at in range(0, len(newer), 100):
                    records = [StoredCustomer(c, f) for c, f in newer[at : at + 100]]
                    write(connection, records, UNSCORED)

        loading = pool.submit(load)
        answers = []
        while not scoring.done():
            answers.append(fetch(f"{server.url}/customers/at-risk?limit=5"))
        scoring.result()
        loading.result()
        assert len(steps) > 10
        assert len(answers) > 1
        # A busy machine may put a few off; whoever waited for rows would all be refused.
        served = [status for status, _ in answers].count(200)
        assert {status for status, _ in answers} <= {200, 503}
        assert served > len(answers) / 2
        rescoring.score(store, release, steps.append)  # what was written after its step
        page = json.loads(fetch(f"{server.url}/customers/at-risk?limit=5")[1])
    right = {c: release.scorecard.log_odds(f) for c, f in [*some(MANY), *newer]}
    with psycopg.connect(url) as connection:
        found = connection.execute(RANKING.encode()).fetchall()
    assert len(found) == MANY
    assert [c for c, score, _ in found if not abs(score - right[c]) <= 1e-12] == []
    ranked = sorted((-score, c) for c, score, _ in found)[:5]
    assert [customer["id"] for customer in page["customers"]] == [c for _, c in ranked]


@pytest.mark.parametrize(("many", "tidied"), [(1000, True), (MANY * 2, False)])
def test_a_reader_after_the_last_step_passes_few_old_entries(
    url: str, release: Release, many: int, tidied: bool
) -> None:
    """Without tidying up, the first to look for an old score would pass an entry of everyone."""
    with (
        opened(url) as store,
        patch.object(in_place, "BLOCKS", 25),
        patch.object(in_place, "MANY", many),
    ):
        assert rescoring.score(store, release, lambda _: None) == (MANY, 0)
    with psycopg.connect(url, autocommit=True) as connection:
        look = b"EXPLAIN (ANALYZE, FORMAT JSON) SELECT min(scored_with) FROM customers"
        row = connection.execute(look).fetchone()
    assert row
    (passed,) = map(int, re.findall(r"'Heap Fetches': (\d+)", str(row[0])))
    assert (passed < MANY / 5) is tidied
