"""The list to call for a budget, as the pages show it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.customers.budget_list import BudgetList
from app.customers.schemas import EXAMPLE_ID
from app.customers.store.budget_cut import Cut
from app.customers.web import budget_words
from app.releases.release_loader import Release
from model.campaign import Limits, Totals, campaign
from tests.customers.web.conftest import walked


def listed(
    calls: int, leavers: float, by: str, release: Release, budget: float = 500
) -> BudgetList:
    assert release.economics is not None
    totals = Totals(calls, leavers, leavers * leavers / max(calls, 1))
    cut = Cut(totals, None, by)
    return BudgetList(
        Limits(release.economics, budget, 0.165), cut, campaign(release.economics, totals)
    )


def test_the_pages_and_the_file_have_the_list_of_the_api(served: Flask) -> None:
    client = served.test_client()
    for query in ("budget=600", "budget=40&policy=high_recall", "budget=1000000"):
        answer = client.get(f"/customers/at-risk?limit=500&{query}").get_json()
        ids = [customer["id"] for customer in answer["customers"]]
        assert ids
        assert walked(served, f"/customers?{query}") == ids
        file = csv.DictReader(io.StringIO(client.get(f"/customers.csv?{query}").text))
        rows = list(file)
        assert [row["customer_id"] for row in rows] == ids
        assert {row["policy"] for row in rows} == {answer["policy"]["name"]}
        page = client.get(f"/customers?{query}").text
        assert f"<strong>Call {len(ids)} customers for about" in page
        assert f">CSV of these {len(ids)}</a>" in page
        assert "A demonstration." in page
    assert 'href="/customers?budget=1000000&amp;policy=default"' in page
    assert 'href="/customers?budget=1000000" aria-current="true"' in page
    assert 'name="budget" inputmode="decimal" value="1000000"' in page


def test_a_budget_for_nobody_says_so(served: Flask) -> None:
    page = served.test_client().get("/customers?budget=1").text
    assert "the first call is expected to cost more than the budget" in page
    assert "No customers are stored yet" not in page
    assert "CSV of" not in page


def test_an_empty_field_is_no_budget(served: Flask) -> None:
    whole = served.test_client().get("/customers?budget=+").text
    assert "Call " not in whole
    assert "<strong>Default</strong>" in whole
    assert len(walked(served, "/customers?budget=")) == 120


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("budget=much", "Give an amount, as 1000 or 1000.50"),
        ("budget=0", "Give an amount from 0.01 to 1,000,000,000,000"),
        ("budget=100&f.contract=One+year", "Give a budget or filters, not both"),
    ],
)
def test_a_budget_that_cannot_be_used_is_explained(
    client: FlaskClient, query: str, said: str
) -> None:
    for path in ("/customers", "/customers.csv"):
        page = client.get(f"{path}?{query}")
        assert (page.status_code, page.mimetype) == (422, "text/html")
        assert said in page.text


def test_the_words(release: Release) -> None:
    many = budget_words.outcome(listed(312, 96, "budget", release))
    pattern = (
        r"Call 312 customers for about 2,760 USD: 96 are expected to leave, calls are expected to "
        r"keep 29 of them, worth 5,760 USD, so 3,000 \(.[\d,]+ to [\d,]+\) more than they cost\."
    )
    assert re.fullmatch(pattern, many), many
    assert budget_words.outcome(listed(1, 0.9, "budget", release)).startswith("Call 1 customer for")
    assert budget_words.outcome(listed(0, 0, "budget", release)) == ""
    loss = budget_words.outcome(listed(100, 2, "customers", release))
    assert re.search(r"so [\d,]+ \([\d,]+ to [\d,]+\) less than they cost\.", loss), loss
    assert "more customers are worth a call" in budget_words.end(listed(5, 3, "budget", release))
    assert "16.5% or more" in budget_words.end(listed(5, 3, "threshold", release))
    assert "Nobody is at 16.5%" in budget_words.end(listed(0, 0, "threshold", release))
    assert "every customer" in budget_words.end(listed(5, 3, "customers", release))
    assert [budget_words.plain(budget) for budget in (1e12, 0.5)] == ["1000000000000", "0.5"]


def test_the_page_of_a_customer_says_what_a_call_brings(
    client: FlaskClient, release: Release
) -> None:
    economics = release.economics
    assert economics is not None
    answer = client.get(f"/customers/{EXAMPLE_ID}/prediction").get_json()
    words = budget_words.one_call(economics, answer["churn_probability"])
    assert f"A call is expected to {words}." in client.get(f"/customers/{EXAMPLE_ID}").text
    assert budget_words.one_call(economics, 0.0) == "cost 11 USD more than it brings"
    assert budget_words.one_call(economics, 1.0) == "bring 56 USD more than it costs"
    free = replace(economics, contact_cost=0.5)
    assert budget_words.one_call(free, 0.2) == "bring 2.90 USD more than it costs"
