"""The list of customers at risk, as the server renders it."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.customers.store import ranked_query
from app.customers.store.queries import CustomerStore
from app.customers.store.tables import customers as table
from app.customers.web.customer_filters import BEFORE, choices, offered
from app.predictions.web.form_values import as_text
from app.releases.release_loader import Release
from tests.apps import OWN, make_app
from tests.customers.conftest import Fill, some
from tests.customers.web.conftest import walked
from tests.prediction_bodies import CONTRACT
from tools.ports import free_port

PEOPLE = dict(some(120))


def rows(app: Flask, **query: str) -> list[dict[str, str]]:
    """The CSV file of a list."""
    response = app.test_client().get("/customers.csv", query_string=query)
    assert response.status_code == 200, response.text
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.text)))


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(scores=st.lists(st.sampled_from([-1.5, 0.0, 0.25, 2.0]), min_size=120, max_size=120))
def test_the_pages_have_each_customer_once_and_in_order(
    served: Flask, store: CustomerStore, scores: list[float]
) -> None:
    """Also where many have the same score, and a page ends among them."""
    of = dict(zip(PEOPLE, scores, strict=True))
    change = sa.update(table).where(table.c.id == sa.bindparam("one"))
    change = change.values(log_odds=sa.bindparam("score"))
    with store.database.bulk() as connection, connection.begin():
        connection.execute(change, [{"one": c, "score": score} for c, score in of.items()])
    assert walked(served) == sorted(of, key=lambda c: (-of[c], c))


FILTERS = [
    {},
    *({feature.name: value} for feature in offered(CONTRACT) for value in choices(feature)),
    {"contract": "One year", "paperless_billing": True},
    {"contract": "Two year", "paperless_billing": False, "online_backup": "No"},
]


def test_a_filter_finds_those_that_match_among_the_most_at_risk(
    served: Flask, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranked_query, "MOST_RANKED", 90)
    ranked = sorted(PEOPLE, key=lambda c: (-release.scorecard.log_odds(PEOPLE[c]), c))
    for chosen in FILTERS:
        query = {BEFORE + name: as_text(value) for name, value in chosen.items()}
        expected = [
            c
            for c in (ranked[:90] if chosen else ranked)
            if all(PEOPLE[c][name] == value for name, value in chosen.items())
        ]
        assert [row["customer_id"] for row in rows(served, **query)] == expected
        path = "/customers?" + "&".join(f"{k}={v.replace(' ', '+')}" for k, v in query.items())
        assert walked(served, path) == expected
        assert [row["customer_id"] for row in rows(served, **_by_hand(chosen))] == expected


def _by_hand(chosen: dict[str, str | bool]) -> dict[str, str]:
    """The query with the features' own names."""
    return {name: as_text(value) for name, value in chosen.items()}


def test_a_filter_reads_no_more_than_the_most_at_risk(
    store: CustomerStore, fill: Fill, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement uses the index, whatever is chosen; it scans and sorts no table."""
    fill(some(2000))
    monkeypatch.setattr(ranked_query, "MOST_RANKED", 50)
    embedded = store.database.embedded is not None
    digest = release.digests["scorecard.json"]
    query = ranked_query.filtered(digest, 51, None, {"paperless_billing": True}, embedded)
    explain = "EXPLAIN QUERY PLAN" if embedded else "EXPLAIN"
    with store.database.bulk() as connection, connection.begin():
        connection.exec_driver_sql("ANALYZE customers")
        text = query.compile(connection, compile_kwargs={"literal_binds": True})
        found = connection.exec_driver_sql(f"{explain} {text}")
        plan = "\n".join(" ".join(map(str, row)) for row in found)
    assert "customers_at_risk" in plan, plan
    assert "Seq Scan" not in plan, plan


@pytest.mark.parametrize("stored", ["[1]", '"x"', "{}", "no JSON"])
def test_what_cannot_be_scored_is_left_out_and_counted(
    served: Flask, store: CustomerStore, stored: str
) -> None:
    """Someone else stored it; a filter doesn't fail on it either."""
    if stored == "no JSON" and not store.database.embedded:
        stored = "null"
    value = ":stored" if store.database.embedded else "CAST(:stored AS json)"
    where = "id < 'c-000060'"  # more than the first page
    broken = sa.text(f"UPDATE customers SET features = {value}, log_odds = 9 WHERE {where}")
    with store.database.bulk() as connection, connection.begin():
        connection.execute(broken, {"stored": stored})
    page = served.test_client().get("/customers")
    assert "50 customers of this page" in page.text
    assert set(walked(served)) == {customer for customer in PEOPLE if customer >= "c-000060"}
    chosen = {f"{BEFORE}paperless_billing": "true"}
    assert {row["customer_id"] for row in rows(served, **chosen)} == {
        customer
        for customer, features in PEOPLE.items()
        if customer >= "c-000060" and features["paperless_billing"]
    }


def test_the_file_says_what_the_list_shows(served: Flask, release: Release) -> None:
    first, *_ = found = rows(served, policy="high_recall")
    assert len(found) == 120
    churn = float(first["churn_probability"])
    threshold = release.scorecard.policies["high_recall"]
    leaving = [row for row in found if row["at_or_above_threshold"] == "yes"]
    assert leaving == [row for row in found if float(row["churn_probability"]) >= threshold]
    page = served.test_client().get("/customers?policy=high_recall").text
    assert f"<strong>{churn:.0%}</strong>" in page
    assert first["reason_1"] in page
    assert first["tenure"] == str(PEOPLE[first["customer_id"]]["tenure"])
    assert f"{100 * threshold:.6g}% or more: {len(leaving)}</a>" in page


def test_a_customer_with_something_unknown_has_a_range(bare: Flask, fill: Fill) -> None:
    fill([("c-1", {"tenure": 2, "contract": "Month-to-month", "monthly_charges": 80})])
    (row,) = rows(bare)
    assert 0 < float(row["lowest"]) < float(row["churn_probability"]) < float(row["highest"]) < 1
    assert f"{float(row['lowest']):.0%} to {float(row['highest']):.0%}" in (
        bare.test_client().get("/customers").text
    )


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("policy=bold", 422, "Give one of default, high_precision, high_recall"),
        ("after=x", 422, "Give `next` of the page before, unchanged"),
        (f"{BEFORE}contract=Ten+years", 422, "Give one of Month-to-month, One year, Two year"),
        (f"{BEFORE}tenure=1", 422, "There is no such filter"),
        ("policy=default&policy=default", 422, "Give it once"),
        (f"{BEFORE}contract=&utm_source=mail", 200, "Customers at risk"),
    ],
)
def test_a_query_that_cannot_be_used_is_explained_on_a_page(
    served: Flask, query: str, status: int, said: str
) -> None:
    for path in ("/customers", "/customers.csv"):
        response = served.test_client().get(f"{path}?{query}")
        assert response.status_code == status
        assert response.headers["Cache-Control"] == "no-store"
        if status != 200:
            assert response.mimetype == "text/html"
            assert said in response.text.replace("&#39;", "'")


def test_a_customer_is_found_by_id(served: Flask) -> None:
    found = served.test_client().get("/customers?id=+c-000003+")
    assert (found.status_code, found.location) == (303, "/customers/c-000003")
    for wrong in ("c-9", 'c"><b>', "../secret", "x" * 200):
        page = served.test_client().get("/customers", query_string={"id": wrong})
        assert page.status_code == 404
        assert "There is no stored customer" in page.text
        assert "<b>" not in page.text
    assert 'value="c-9"' in served.test_client().get("/customers?id=c-9").text


def test_an_empty_list_says_what_to_do(bare: Flask, fill: Fill) -> None:
    client = bare.test_client()
    assert "churn customers load" in client.get("/customers").text
    fill(some(3), scored=False)
    assert "No customer has a score by this model yet" in client.get("/customers").text
    fill(some(2))
    page = client.get("/customers").text
    assert "The scores are being refreshed" in page
    none = next(
        {BEFORE + f.name: as_text(v) for f, v in pair}
        for pair in itertools.product(*([(f, v) for v in choices(f)] for f in offered(CONTRACT)))
        if not any(all(p[f.name] == v for f, v in pair) for _, p in some(2))
    )
    answer = client.get("/customers", query_string=none)
    assert "None of the 5,000 customers most at risk match" in answer.text


def test_the_list_works_over_tables_of_the_version_before(
    served: Flask, store: CustomerStore
) -> None:
    """Pods are new before `churn database upgrade` has run: places and counts are missing."""
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.text("DROP TABLE score_distribution"))
    page = served.test_client().get("/customers")
    assert page.status_code == 200
    assert "churn customers score" in page.text
    assert "As of" not in page.text
    assert "higher than" not in served.test_client().get("/customers/c-000001").text


@pytest.mark.parametrize("path", ["/customers", "/customers.csv", "/customers/c-1"])
def test_without_the_database_a_page_says_so(path: str) -> None:
    app = make_app(OWN, database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    response: Any = app.test_client().get(path)
    assert response.status_code == 503
    assert response.mimetype == "text/html"
    assert response.headers["Retry-After"]
    assert "/runbooks/database-slow-or-down" in response.text


def test_a_position_in_another_models_ranking_leads_to_the_first_page(served: Flask) -> None:
    after = "WyIwMDAwMDAwMDAwMDAwMDAwIiwgMC41LCAiYy0xIl0"  # of a digest of zeros
    response = served.test_client().get(f"/customers?after={after}")
    assert response.status_code == 409
    assert '<a href="/customers">Begin at the first page</a>' in response.text
