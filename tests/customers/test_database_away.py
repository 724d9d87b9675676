"""Lookups while a real database is stopped, or has no tables."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.customers.store import schema_upgrade
from app.customers.store.database import Database
from app.resilience.circuit_breaker import RETRY_SECONDS
from app.services import services_of
from tests.apps import OWN, make_app
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem
from tools.databases import PostgreSQL
from tools.servers import wait_until


@pytest.fixture
def over_postgresql(cluster: PostgreSQL) -> Iterator[Flask]:
    address = cluster.new()
    schema_upgrade.upgrade(Database(address))
    app = make_app(OWN, database_url=address)
    yield app
    services_of(app).customers.store.database.engine.dispose()


def ask(app: Flask, customer: str = "nobody") -> TestResponse:
    return app.test_client().get(f"/customers/{customer}/prediction")


def test_a_stopped_database_is_503_in_time_and_comes_back(
    over_postgresql: Flask, cluster: PostgreSQL
) -> None:
    """Eight concurrent callers get Retry-After; predictions from features continue.

    What ends each wait is a time limit, the bulkhead or the circuit, not the database.
    """
    app = over_postgresql
    wait_until(lambda: ask(app).status_code == 404, "lookups are answered")
    cluster.send(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(8) as callers:
            details = []
            for response in callers.map(partial(ask, app), [f"c-{i}" for i in range(24)]):
                problem = assert_problem(response, 503, "database-unavailable")
                assert response.headers["Retry-After"] == str(RETRY_SECONDS)
                details.append(problem["detail"])
        assert any("no answer within 1 s" in detail for detail in details)
        ended = re.compile("no answer within 1 s|busy|not tried")
        assert [detail for detail in details if not ended.search(detail)] == []
        predicted = app.test_client().post("/predict", json={"features": REQUIRED})
        assert predicted.status_code == 200
        ready = app.test_client().get("/health/ready")
        assert ready.status_code == 200
        assert ready.get_json()["parts"]["database"]["status"] == "failing"
    finally:
        cluster.send(signal.SIGCONT)
    wait_until(lambda: ask(app).status_code == 404, "lookups are answered")
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
