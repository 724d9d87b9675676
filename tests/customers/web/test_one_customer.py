"""The page of one customer, as the server renders it."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from app.customers.store.queries import CustomerStore
from app.customers.store.tables import customers as table
from app.predictions.web.risk_words import percent
from app.releases.release_loader import Release
from app.services import services_of
from tests.customers.conftest import Fill, some

PEOPLE = dict(some(120))


def test_it_says_how_likely_and_where_in_the_base(served: Flask, release: Release) -> None:
    ranked = sorted(PEOPLE, key=lambda c: release.scorecard.log_odds(PEOPLE[c]))
    client = served.test_client()
    for below, words in (
        (119, "higher than 99 of 100 customers"),
        (110, "higher than nine of ten customers"),
        (61, "higher than five of ten customers"),
        (30, "lower than seven of ten customers"),
        (0, "lower than 99 of 100 customers"),
    ):
        customer = ranked[below]
        stored = client.get(f"/customers/{customer}/prediction").get_json()
        page = client.get(f"/customers/{customer}").text
        assert f"Likely to leave: {percent(stored['churn_probability'])}</strong>, {words}." in page
        assert client.get(f"/customers/{customer}").headers["Cache-Control"] == "no-store"


def test_it_shows_every_policy_release_and_value(served: Flask) -> None:
    client = served.test_client()
    page = client.get("/customers/c-000001").text
    releases = services_of(served).releases
    others = [r.version for r in releases.all() if r is not releases.serving]
    assert others
    for version in others:
        answer = client.get(f"/customers/c-000001/prediction?version={version}").get_json()
        row = page.partition(f'<th scope="row">{version}</th>')[2]
        assert row.startswith(f'<td class="right">{answer["churn_probability"]:.0%}</td>')
    for words in ("Default policy", "High precision policy", "High recall policy"):
        assert words in page
    for feature in releases.contract.features:
        assert f'<th scope="row">{feature.label}' in page
    assert "Everything that the model asks is known" in page


def test_it_says_what_is_unknown_and_what_to_ask(bare: Flask, fill: Fill) -> None:
    fill([("c-1", {"tenure": 2, "contract": "Month-to-month", "monthly_charges": 80})])
    unknown = bare.test_client().get("/customers/c-1/prediction").get_json()["unknown"]
    page = bare.test_client().get("/customers/c-1").text
    label = services_of(bare).releases.contract.by_name[unknown["ask_next"]].label
    assert f"Ask next: {label}." in page
    low, high = unknown["range"]
    assert f"between {low:.0%} and {high:.0%}" in page
    assert "higher than" not in page  # a base of one says nothing


def test_who_is_not_stored_is_a_page(served: Flask) -> None:
    response = served.test_client().get("/customers/nobody")
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert 'value="nobody"' in response.text


def test_what_breaks_the_contract_is_a_page(served: Flask, store: CustomerStore) -> None:
    with store.database.bulk() as connection, connection.begin():
        change = sa.update(table).where(table.c.id == "c-000001")
        connection.execute(change.values(features={"tenure": "<b>twelve</b>"}))
    response = served.test_client().get("/customers/c-000001")
    assert (response.status_code, response.mimetype) == (409, "text/html")
    assert "/features/tenure" in response.text
    assert "<b>" not in response.text
    assert "churn customers load" in response.text
