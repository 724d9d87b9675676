"""Predictions of stored customers over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.customers.schemas import EXAMPLE_ID
from app.customers.store.queries import CustomerStore
from app.customers.store.tables import customers as table
from app.releases.release_loader import Release
from app.services import services_of
from tests.apps import make_app
from tests.customers.conftest import Fill, some
from tests.problems import assert_problem


@pytest.fixture
def served(store: CustomerStore, fill: Fill, address: str) -> Any:
    """An application over the store, with forty customers."""
    fill(some(40))
    app = make_app(database_url=address)
    yield app
    services_of(app).customers.store.database.engine.dispose()


def at_risk(app: Flask, **query: Any) -> Any:
    response = app.test_client().get("/customers/at-risk", query_string=query)
    assert response.status_code == 200, response.text
    return response.get_json()


@pytest.mark.parametrize("query", ["", "?policy=high_recall", "?reasons=0", "?version=1.0.0"])
def test_a_stored_customer_is_answered_as_its_features_are(client: FlaskClient, query: str) -> None:
    stored = client.get(f"/customers/{EXAMPLE_ID}/prediction{query}").get_json()
    features = services_of(client.application).customers.store.features(EXAMPLE_ID)
    body: dict[str, Any] = {"features": features}
    if "policy" in query:
        body["policy"], query = "high_recall", ""
    assert stored == client.post(f"/predict{query}", json=body).get_json()


@pytest.mark.parametrize("customer", ["nobody", "a b", "%00", "é", "x" * 65, "%F0%9F%92%A9"])
def test_who_is_not_stored_is_404(client: FlaskClient, customer: str) -> None:
    assert_problem(client.get(f"/customers/{customer}/prediction"), 404, "customer-not-found")


@pytest.mark.parametrize("stored", ['{"tenure": "twelve"}', "[1]", "null", "no JSON"])
def test_what_breaks_the_contract_of_now_is_409(
    served: Flask, store: CustomerStore, stored: str
) -> None:
    """Stored under another contract, or by others: not scored by a guess."""
    if stored == "no JSON" and not store.database.embedded:
        stored = '"which PostgreSQL would not store"'
    put = "UPDATE customers SET features = :stored WHERE id = 'c-000001'"
    cast = put if store.database.embedded else put.replace(":stored", "CAST(:stored AS json)")
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.text(cast), {"stored": stored})
    response = served.test_client().get("/customers/c-000001/prediction")
    assert_problem(response, 409, "customer-outdated")


def test_the_ranking_comes_page_by_page_with_reasons(served: Flask) -> None:
    everyone: list[Any] = []
    page = at_risk(served, limit=15)
    while True:
        everyone += page["customers"]
        if page["next"] is None:
            break
        page = at_risk(served, limit=15, after=page["next"])
    assert len({customer["id"] for customer in everyone}) == 40
    probabilities = [customer["churn_probability"] for customer in everyone]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(customer["reasons"] for customer in everyone)
    assert page["complete"] is True
    one = served.test_client().get(f"/customers/{everyone[0]['id']}/prediction").get_json()
    assert {"id": everyone[0]["id"], **one} == everyone[0]


def test_the_policy_of_the_ranking_decides_in_each_of_its_predictions(served: Flask) -> None:
    page = at_risk(served, policy="high_precision", limit=3)
    assert page["policy"]["name"] == "high_precision"
    assert all(customer["policy"] == page["policy"] for customer in page["customers"])


def made(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!!",
        "é",
        made(),
        made("d"),
        made("d", "x", "c-1"),
        made("d", 0.5, "c\x00"),
        made("d", 0.5, 7),
        made("d", float("nan"), "c-1"),
        base64.urlsafe_b64encode(b"[" * 200).decode(),
        base64.urlsafe_b64encode(b'["d", 1e999, "c-1"]').decode(),
    ],
    ids=range(11),
)
def test_a_cursor_that_is_none_of_ours_is_404_and_harms_nothing(
    client: FlaskClient, cursor: str
) -> None:
    """It reaches no database, so it cannot open the circuit either."""
    for _ in range(4):
        response = client.get("/customers/at-risk", query_string={"after": cursor})
        (error,) = assert_problem(response, 404, "not-found")["errors"]
        assert error["parameter"] == "after"
    assert client.get("/customers/at-risk").status_code == 200


def test_a_cursor_of_another_releases_ranking_is_409(client: FlaskClient) -> None:
    response = client.get("/customers/at-risk", query_string={"after": made("0" * 16, 0.5, "c-1")})
    assert_problem(response, 409, "ranking-changed")


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "policy=x", "page=2"])
def test_a_wrong_option_names_itself(client: FlaskClient, query: str) -> None:
    problem = assert_problem(client.get(f"/customers/at-risk?{query}"), 422, "invalid-input")
    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


def test_after_a_promotion_nothing_stale_is_shown(
    served: Flask, store: CustomerStore, release: Release
) -> None:
    """Until the scores are made anew the ranking is empty, and says that it is not complete."""
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.update(table).values(scored_with="0" * 64))
    page = at_risk(served)
    assert (page["customers"], page["next"], page["complete"]) == ([], None, False)
