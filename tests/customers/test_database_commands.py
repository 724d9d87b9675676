"""`churn database queries` and `end`, on a real PostgreSQL with a lock that somebody waits for."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest

from tools.databases import PostgreSQL
from tools.servers import ROOT, wait_until


def churn(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli.main", "database", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def url(cluster: PostgreSQL) -> str:
    url = cluster.new()
    assert churn(url, "upgrade").returncode == 0
    return url


@pytest.fixture
def locked(url: str) -> Iterator[tuple[int, int]]:
    """The process ids of a connection that locks the table, and of one that waits for it."""
    with closing(psycopg.connect(url)) as holder, closing(psycopg.connect(url)) as waiter:
        holder.execute("LOCK TABLE customers")

        def wait() -> None:
            with suppress(psycopg.OperationalError):
                waiter.execute("SELECT count(*) FROM customers")

        thread = threading.Thread(target=wait)
        thread.start()
        wait_until(lambda: waits(url, waiter.info.backend_pid), "the wait")
        yield holder.info.backend_pid, waiter.info.backend_pid
        holder.close()
        thread.join()


def waits(url: str, pid: int) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT pg_blocking_pids(%s)", [pid]).fetchone()
    return bool(found and found[0])


def test_who_waits_for_whom_is_listed(url: str, locked: tuple[int, int]) -> None:
    holder, waiter = locked
    listed = churn(url, "queries").stdout.splitlines()
    (held,) = [line for line in listed if line.startswith(f"{holder} ")]
    (waiting,) = [line for line in listed if line.startswith(f"{waiter} ")]
    assert "idle in transaction" in held
    assert "waits for Lock" in waiting
    assert listed[-1] == "2 queries of at least 0 s"
    assert churn(url, "queries", "--older-than", "300").stdout == "0 queries of at least 300 s\n"


def test_the_one_that_others_wait_for_is_ended_and_no_other(
    url: str, locked: tuple[int, int]
) -> None:
    holder, waiter = locked
    done = churn(url, "end", "--blocking")
    assert (done.returncode, done.stdout) == (0, "1 ended\n")
    assert f"{holder} " not in churn(url, "queries").stdout
    assert churn(url, "end", str(waiter)).stdout == "1 ended\n"
    assert churn(url, "end", str(waiter)).returncode == 1


def test_who_locks_the_table_is_ended_where_nobody_waits(url: str) -> None:
    """At night there may be no lookup for minutes."""
    with closing(psycopg.connect(url)) as holder:
        holder.execute("LOCK TABLE customers")
        assert churn(url, "end", "--blocking").stdout == "1 ended\n"
        with pytest.raises(psycopg.OperationalError):
            holder.execute("SELECT 1")
    assert churn(url, "end", "--blocking").stdout == "0 ended\n"


@pytest.mark.parametrize("arguments", [[], ["--older-than", "0"], ["none"], ["0"]])
def test_wrong_usage_ends_nothing(url: str, arguments: list[str]) -> None:
    assert churn(url, "end", *arguments).returncode == 2


def test_an_embedded_database_has_no_connections(tmp_path: object) -> None:
    done = churn(f"sqlite:///{tmp_path}/x.sqlite3", "queries")
    assert done.returncode == 2
    assert "no connections" in done.stderr
