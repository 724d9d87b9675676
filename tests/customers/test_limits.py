"""Time limits and circuit breakers, in themselves and before a real database."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.customers.store import schema_upgrade
from app.customers.store.database import Database
from app.resilience import circuit_breaker, deadline
from app.resilience.circuit_breaker import FAILURE_THRESHOLD, RETRY_SECONDS, CircuitBreaker
from app.resilience.deadline import TimeLimited
from app.resilience.unavailable import DependencyUnavailable
from app.services import services_of
from tests.access.conftest import listening, make_app
from tests.patience import PATIENCE
from tests.predictions.test_predict import REQUIRED
from tests.problems import assert_problem
from tools.databases import PostgreSQL
from tools.servers import wait_until


class AwayError(Exception):
    """What a part raises."""


def away() -> None:
    raise AwayError("connection refused\nSELECT secret")


def test_of_many_callers_one_tries_a_part_that_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are answered at once, rather than wait for a frozen server together."""
    now = 100.0
    monkeypatch.setattr(circuit_breaker, "monotonic", lambda: now)
    breaker = CircuitBreaker("part")
    for _ in range(FAILURE_THRESHOLD):
        assert breaker.allows_call()
        breaker.record_failure(AwayError())
    assert breaker.opened
    assert not breaker.allows_call()
    now += RETRY_SECONDS
    assert [breaker.allows_call() for _ in range(5)] == [True, False, False, False, False]
    now += RETRY_SECONDS  # the one that tried has not come back
    assert [breaker.allows_call() for _ in range(2)] == [True, False]
    breaker.record_success()
    assert [breaker.allows_call() for _ in range(2)] == [True, True]


def test_a_success_between_failures_keeps_the_circuit_closed() -> None:
    breaker = CircuitBreaker("part")
    for _ in range(FAILURE_THRESHOLD * 2):
        breaker.record_failure(AwayError())
        breaker.record_success()
    assert not breaker.opened


def test_its_state_is_what_the_last_call_found() -> None:
    breaker = CircuitBreaker("part")
    assert breaker.state == {"status": "ok", "detail": "not asked yet"}
    for _ in range(FAILURE_THRESHOLD - 1):
        breaker.record_failure(AwayError())
        assert breaker.state == {"status": "ok", "detail": "did not answer when it was asked last"}
    breaker.record_failure(AwayError())
    assert breaker.state["status"] == "failing"
    breaker.record_success()
    assert breaker.state == {"status": "ok", "detail": "answered when it was asked last"}


def test_the_log_says_once_that_a_part_is_away_and_once_that_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With the first line of what it said: the rest can hold a statement and its values."""
    limited = TimeLimited("database", 5, (AwayError,))
    with listening(caplog):
        for _ in range(FAILURE_THRESHOLD + 5):
            with pytest.raises(DependencyUnavailable):
                limited(away)
        limited.breaker._again = 0
        limited(lambda: None)
    assert [record.getMessage() for record in caplog.records] == [
        "database is away: AwayError: connection refused",
        "database answers again",
    ]


def test_a_call_that_hangs_is_left_behind_and_holds_a_place_no_longer_than_it_hangs() -> None:
    release, limited = threading.Event(), TimeLimited("database", 0.05, (AwayError,), most=2)
    for _ in range(2):
        with pytest.raises(DependencyUnavailable, match="no answer within"):
            limited(release.wait)
    with pytest.raises(DependencyUnavailable, match="every connection is busy"):
        limited(lambda: None)
    assert limited.breaker.opened
    release.set()
    limited.breaker._again = 0
    limited.seconds = PATIENCE
    assert limited(lambda: True)  # waits for a place
    assert not limited.breaker.opened


def test_a_call_for_which_there_is_no_thread_holds_no_place() -> None:
    limited = TimeLimited("database", PATIENCE, (AwayError,), most=1)
    with patch.object(threading.Thread, "start", side_effect=RuntimeError("no thread")):
        for _ in range(2):
            with pytest.raises(DependencyUnavailable, match="no thread"):
                limited(lambda: None)
    limited.breaker._again = 0
    assert limited(lambda: True)


def test_those_that_wait_count_with_the_first_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that requests queued behind them are refused at once, not after a wait of their own."""
    now = 100.0
    monkeypatch.setattr(deadline, "monotonic", lambda: now)
    limited, together = (
        TimeLimited("database", PATIENCE, (AwayError,)),
        threading.Barrier(FAILURE_THRESHOLD),
    )
    release = threading.Event()

    def fail_first() -> None:
        nonlocal now
        together.wait()
        now += PATIENCE / 2 + 1
        assert limited._long_waiting(0) == FAILURE_THRESHOLD
        raise AwayError

    def wait() -> None:
        together.wait()
        release.wait()

    with ThreadPoolExecutor(FAILURE_THRESHOLD) as callers:
        others = [callers.submit(limited, wait) for _ in range(FAILURE_THRESHOLD - 1)]
        with pytest.raises(DependencyUnavailable, match="an error"):
            callers.submit(limited, fail_first).result()
        assert limited.breaker.opened
        release.set()
        for other in others:
            other.result()
    assert not limited.breaker.opened


def test_a_call_that_fails_beside_fresh_ones_counts_alone() -> None:
    limited, release = TimeLimited("database", 60, (AwayError,)), threading.Event()
    with ThreadPoolExecutor(FAILURE_THRESHOLD) as callers:
        others = [callers.submit(limited, release.wait) for _ in range(FAILURE_THRESHOLD)]
        with pytest.raises(DependencyUnavailable):
            limited(away)
        assert not limited.breaker.opened
        release.set()
        for other in others:
            other.result()


def test_a_fault_of_ours_is_not_the_parts() -> None:
    limited = TimeLimited("database", 5, (AwayError,))
    for _ in range(FAILURE_THRESHOLD):
        with pytest.raises(ZeroDivisionError):
            limited(lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    assert not limited.breaker.opened


@pytest.fixture
def over_postgresql(cluster: PostgreSQL, own_limits: None) -> Iterator[Flask]:
    address = cluster.new()
    schema_upgrade.upgrade(Database(address))
    app = make_app(database_url=address)
    yield app
    services_of(app).customers.store.database.engine.dispose()


def ask(app: Flask) -> TestResponse:
    return app.test_client().get("/customers/nobody/prediction")


@pytest.mark.alone
def test_a_stopped_database_is_503_in_time_and_comes_back(
    over_postgresql: Flask, cluster: PostgreSQL
) -> None:
    """With Retry-After, eight callers at once; predictions from features go on.

    What ends each wait is a time limit or the circuit, not the database: that is in time.
    """
    app = over_postgresql
    wait_until(lambda: ask(app).status_code == 404, "lookups are answered")
    cluster.send(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(8) as callers:
            details = []
            for response in callers.map(ask, [app] * 24):
                problem = assert_problem(response, 503, "database-unavailable")
                assert response.headers["Retry-After"] == str(RETRY_SECONDS)
                details.append(problem["detail"])
        assert any("no answer within 1 s" in detail for detail in details)
        ended = re.compile("no answer within 1 s|no answer for the lookup|busy|not tried")
        assert [detail for detail in details if not ended.search(detail)] == []
        predicted = app.test_client().post("/predict", json={"features": REQUIRED})
        assert predicted.status_code == 200
        ready = app.test_client().get("/health/ready")
        assert ready.status_code == 200
        assert ready.get_json()["parts"]["database"]["status"] == "failing"
    finally:
        cluster.send(signal.SIGCONT)
    wait_until(lambda: ask(app).status_code == 404, "lookups are answered", seconds=10)
    ready = app.test_client().get("/health/ready").get_json()
    assert ready["parts"]["database"]["status"] == "ok"


def test_a_database_without_tables_is_503() -> None:
    """And the caller learns nothing of the statement."""
    app = make_app(database_url="sqlite:////nowhere/churn.sqlite3")
    problem = assert_problem(
        app.test_client().get("/customers/x/prediction"), 503, "database-unavailable"
    )
    assert "SELECT" not in problem["detail"]
    assert "nowhere" not in problem["detail"]
