"""Each fault of a database is found by its own check, and ruled out by the others."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from app.customers.store import database_look
from app.customers.store.database import APPLICATION, Database
from app.customers.store.database_look import DatabaseLook
from app.diagnostics.checks import GROUPS, database_checks
from tools.databases import PostgreSQL, postgresql
from tools.servers import churn, wait_until

BEGUN = datetime(2026, 11, 24, 3, 12, 8, tzinfo=UTC)
SEEN = {"answered": True, "row": 0.002, "connections": 5, "most": 97}


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"answered": False, "fault": "database: no answer within 3 s"}, "frozen"),
        ({"fault": "the database has no tables yet"}, "frozen"),
        ({"row": None, "locked": True, "blockers": [(7, BEGUN)]}, "locks"),
        ({"waiting": 2, "waiting_since": BEGUN}, "locks"),
        ({"row": 0.9, "old": [(8, BEGUN)]}, "queries"),
        ({"row": None, "old": [(8, BEGUN)]}, "queries"),
        ({"connections": 97}, "connections"),
        ({"answered": False, "full": "FATAL: sorry, too many clients already"}, "connections"),
        ({"row": 0.9}, None),
        ({"old": [(8, BEGUN)]}, None),
        ({"row": None, "locked": True, "blockers": [(7, BEGUN)], "old": [(8, BEGUN)]}, "locks"),
        ({"embedded": True, "connections": 0, "most": 0}, None),
    ],
)
def test_a_look_is_judged_by_one_check_alone(fault: dict[str, object], cause: str | None) -> None:
    """An old statement counts only while the database is slow, and not because of a lock."""
    found = DatabaseLook(**{"embedded": False, **SEEN, **fault})  # type: ignore[arg-type]
    results = {name: check(found) for name, check in GROUPS["database"].checks.items()}
    assert [name for name, result in results.items() if not result.ok] == [cause] * bool(cause)
    if cause in ("locks", "queries"):
        assert results[cause].since == BEGUN


def test_the_age_of_an_old_statement_is_one_number() -> None:
    assert database_checks.OLD == database_look.OLD


class Bank:
    """A PostgreSQL with the service's tables, an ordinary role, and somebody else's connections."""

    def __init__(self, cluster: PostgreSQL) -> None:
        self.cluster = cluster
        self.admin = cluster.new()
        assert churn("database", "upgrade", DATABASE_URL=self.admin).returncode == 0
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute("CREATE ROLE service LOGIN")
            connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO service")
        self.url = self.admin.replace("postgres@", "service@")

    def churn(self, *words: str, url: str = "") -> subprocess.CompletedProcess[str]:
        return churn(*words, DATABASE_URL=url or self.url)

    def findings(self) -> list[str]:
        """The checks that found something, as an ordinary role sees the server."""
        found = database_look.look(Database(self.url))
        checks = GROUPS["database"].checks.items()
        return [name for name, check in checks if not check(found).ok]


@pytest.fixture(scope="module")
def bank() -> Iterator[Bank]:
    with postgresql() as cluster:
        yield Bank(cluster)


@contextmanager
def locked(bank: Bank) -> Iterator[None]:
    with closing(psycopg.connect(bank.admin)) as holder:
        holder.execute("LOCK TABLE customers")
        yield


@contextmanager
def frozen(bank: Bank) -> Iterator[None]:
    bank.cluster.send(signal.SIGSTOP)
    try:
        yield
    finally:
        bank.cluster.send(signal.SIGCONT)


@contextmanager
def full(bank: Bank) -> Iterator[None]:
    with ExitStack() as stack:
        with suppress(psycopg.OperationalError):
            while True:
                stack.enter_context(closing(psycopg.connect(bank.url)))
        yield


@pytest.mark.parametrize(
    ("fault", "cause"), [(frozen, "frozen"), (locked, "locks"), (full, "connections")]
)
def test_a_fault_of_a_real_server_is_found_by_its_check_alone(
    bank: Bank, fault: object, cause: str
) -> None:
    assert bank.findings() == []
    with fault(bank):  # type: ignore[operator]
        assert bank.findings() == [cause]
    wait_until(lambda: bank.findings() == [], "all is well again")


def test_the_solution_for_exhausted_connections_needs_a_superuser_and_spares_the_service(
    bank: Bank,
) -> None:
    with full(bank), closing(psycopg.connect(bank.admin, application_name=APPLICATION)) as ours:
        refused = bank.churn("database", "end", "--idle", "1")
        assert refused.returncode == 1
        assert "remaining connection slots" in refused.stderr

        def ended() -> bool:
            done = bank.churn("database", "end", "--idle", "1", url=bank.admin)
            assert done.returncode == 0, done.stderr
            return bank.findings() == []

        wait_until(ended, "the idle connections are ended")
        assert ours.execute("SELECT 1").fetchone() == (1,)


def test_a_statement_that_takes_the_server_s_time_is_seen_with_its_start(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that waits for a lock, or is idle, isn't."""
    monkeypatch.setattr(database_look, "OLD", 0)
    busy = psycopg.connect(bank.admin)
    thread = threading.Thread(target=lambda: _quietly(busy, "SELECT pg_sleep(600)"))
    thread.start()
    try:
        database = Database(bank.admin)
        wait_until(lambda: bool(database_look.look(database).old), "the statement is seen")
        ((pid, since),) = database_look.look(database).old
        assert pid == busy.info.backend_pid
        assert since is not None
        assert datetime.now(UTC) - since < timedelta(minutes=10)
    finally:
        busy.cancel_safe()
        thread.join()
        busy.close()


def test_statements_that_a_role_may_not_see_are_counted(bank: Bank) -> None:
    with closing(psycopg.connect(bank.admin)) as other:
        other.execute("SELECT 1")
        listed = bank.churn("database", "queries")
        assert "1 of others hidden: GRANT pg_read_all_stats" in listed.stderr
        found = database_look.look(Database(bank.url))
        assert "1 statements of others hidden" in database_checks.queries(found).measured
        assert (found.hidden, found.connections) == (1, 1)


def _quietly(connection: psycopg.Connection[object], statement: str) -> None:
    with suppress(psycopg.Error):
        connection.execute(statement)
