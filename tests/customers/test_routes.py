"""Predictions of stored customers over HTTP."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.customers.schemas import EXAMPLE_ID
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.tables import customers as table
from app.http.validation_faults import MAX_FAULTS
from app.releases.release_loader import Release
from app.services import services_of
from tests.apps import listening, make_app
from tests.customers.conftest import Fill, as_json_lines, named, some
from tests.prediction_bodies import CONTRACT
from tests.problems import assert_problem
from tests.stores import load_file, opened


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


BROKEN = ['{"tenure": "twelve"}', '{"tenure": 1e999}', "[1]", "null", "5", '"x"', "{}", "no JSON"]
"""What others may store in place of features."""


def put_straight(store: CustomerStore, stored: str, where: str) -> None:
    """Write into the table as someone else would, leaving the score as it was."""
    if stored in ("no JSON", '{"tenure": 1e999}') and not store.database.embedded:
        stored = '"which PostgreSQL would not store"'
    value = ":stored" if store.database.embedded else "CAST(:stored AS json)"
    with store.database.bulk() as connection, connection.begin():
        query = sa.text(f"UPDATE customers SET features = {value} WHERE {where}")
        connection.execute(query, {"stored": stored})


@pytest.mark.parametrize("stored", BROKEN)
@pytest.mark.parametrize("query", ["", "?version=1.0.0"])
def test_what_breaks_the_contract_of_now_is_409(
    served: Flask, store: CustomerStore, stored: str, query: str
) -> None:
    """Stored features that break the contract are named, and no score is guessed."""
    put_straight(store, stored, "id = 'c-000001'")
    for _ in range(2):  # the cache has it no more than the database
        response = served.test_client().get(f"/customers/c-000001/prediction{query}")
        problem = assert_problem(response, 409, "customer-outdated")
        assert problem["errors"]
        assert problem["error_count"] == len(problem["errors"])
    places = [error["pointer"] for error in problem["errors"]]
    if stored.startswith('{"tenure": "t'):
        assert places == ["/features/tenure", "/features/contract", "/features/monthly_charges"]
        assert problem["errors"][0]["value"] == "twelve"
    elif stored == "{}":
        assert set(places) == {f"/features/{name}" for name in CONTRACT.required}


def test_of_many_stored_faults_the_first_are_named(served: Flask, store: CustomerStore) -> None:
    put_straight(store, json.dumps({f"x{i}": i for i in range(5000)}), "id = 'c-000001'")
    response = served.test_client().get("/customers/c-000001/prediction")
    problem = assert_problem(response, 409, "customer-outdated")
    assert len(problem["errors"]) == MAX_FAULTS
    assert problem["error_count"] == 5000 + len(CONTRACT.required)


def pages(app: Flask, limit: int) -> list[Any]:
    """The ranking, page after page."""
    found = [at_risk(app, limit=limit)]
    while after := found[-1]["next"]:
        found.append(at_risk(app, limit=limit, after=after))
    return found


@pytest.mark.parametrize("stored", [BROKEN[0], BROKEN[2], BROKEN[-2], BROKEN[-1]])
def test_the_ranking_leaves_out_and_counts_what_breaks_the_contract(
    served: Flask, store: CustomerStore, caplog: pytest.LogCaptureFixture, stored: str
) -> None:
    """Whole pages of it, too; the others come as before, and the next page is reached."""
    before = [customer for page in pages(served, 40) for customer in page["customers"]]
    broken = {customer["id"] for customer in before[5:20]}
    put_straight(store, stored, f"id IN ({', '.join(map(repr, sorted(broken)))})")
    with listening(caplog):
        found = pages(served, 4)
    assert [customer for page in found for customer in page["customers"]] == [
        customer for customer in before if customer["id"] not in broken
    ]
    assert [page["left_out"] for page in found] == [0, 3, 4, 4, 4, 0, 0, 0, 0, 0]
    assert "left 3 customers out of the ranking: they break the contract" in caplog.messages


@pytest.mark.parametrize(
    ("name", "limit"), [("a b", 3), ("é", 1), ("\U0001f4a9" * 64, 1), ("x\n", 1)]
)
def test_the_ranking_goes_on_past_ids_that_are_none(
    served: Flask, store: CustomerStore, name: str, limit: int
) -> None:
    """Nobody can ask for such a customer by id."""
    before = [customer["id"] for customer in at_risk(served, limit=40)["customers"]]
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.update(table).where(table.c.id == before[3]).values(id=name))
    found = pages(served, limit)
    assert [customer["id"] for page in found for customer in page["customers"]] == [
        customer for customer in before if customer != before[3]
    ]
    assert sum(page["left_out"] for page in found) == 1


@pytest.mark.parametrize("score", ["NULL", "'NaN'", "'Infinity'", "'-Infinity'", "1e999", "'x'"])
def test_a_score_that_is_none_has_no_place_in_the_ranking(
    served: Flask, store: CustomerStore, score: str
) -> None:
    if not store.database.embedded and score in ("1e999", "'x'"):
        score = "NULL"  # PostgreSQL stores neither
    with store.database.bulk() as connection, connection.begin():
        query = f"UPDATE customers SET log_odds = {score} WHERE id = 'c-000001'"
        connection.execute(sa.text(query))
    found = [customer["id"] for page in pages(served, 7) for customer in page["customers"]]
    assert len(found) == 39
    assert "c-000001" not in found


def test_text_that_is_no_utf_8_is_no_fault_of_the_database(
    tmp_path: Path, release: Release
) -> None:
    """SQLite stores it; the row breaks the contract, and others are answered."""
    address = f"sqlite:///{tmp_path / 'churn.sqlite3'}"
    with opened(address) as store:
        upgrade(store.database)
        file = named(as_json_lines(some(3)))
        load_file(store, file, tmp_path / "rejects.csv", release)
        with store.database.bulk() as connection, connection.begin():
            broken = "UPDATE customers SET features = CAST(x'7bff7d' AS TEXT) WHERE id = 'c-000001'"
            connection.execute(sa.text(broken))
        app = make_app(database_url=address)
        page = at_risk(app)
        assert (len(page["customers"]), page["left_out"]) == (2, 1)
        response = app.test_client().get("/customers/c-000001/prediction")
        assert_problem(response, 409, "customer-outdated")
        services_of(app).customers.store.database.engine.dispose()


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
def test_a_cursor_that_is_none_of_ours_is_422_and_harms_nothing(
    client: FlaskClient, cursor: str
) -> None:
    """It reaches no database, so it cannot open the circuit either."""
    for _ in range(4):
        response = client.get("/customers/at-risk", query_string={"after": cursor})
        (error,) = assert_problem(response, 422, "invalid-input")["errors"]
        assert error["parameter"] == "after"
        assert error["value"] == cursor[:100]
        assert "unchanged" in error["detail"]
    assert client.get("/customers/at-risk").status_code == 200


def test_a_cursor_of_another_releases_ranking_is_409(client: FlaskClient) -> None:
    response = client.get("/customers/at-risk", query_string={"after": made("0" * 16, 0.5, "c-1")})
    assert_problem(response, 409, "ranking-changed")


def test_the_faults_of_a_query_are_told_together(client: FlaskClient) -> None:
    problem = assert_problem(
        client.get("/customers/at-risk?limit=0&after=zzz&policy=x&page=2"), 422, "invalid-input"
    )
    told = {error["parameter"] for error in problem["errors"]}
    assert told == {"limit", "after", "policy", "page"}


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "policy=x", "page=2"])
def test_a_wrong_option_names_itself(client: FlaskClient, query: str) -> None:
    problem = assert_problem(client.get(f"/customers/at-risk?{query}"), 422, "invalid-input")
    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


def test_after_a_promotion_nothing_stale_is_shown(
    served: Flask, store: CustomerStore, release: Release
) -> None:
    """Until rescoring, the ranking is empty and says that it is incomplete."""
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.update(table).values(scored_with="0" * 64))
    page = at_risk(served)
    assert (page["customers"], page["next"], page["complete"]) == ([], None, False)
