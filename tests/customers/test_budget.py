"""The customers worth calling for a budget, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.customers import rescoring
from app.customers.store import budget_cut
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.customers.store.score_distribution import renew
from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.tables import score_distribution
from app.customers.store.writes import write
from app.releases.release_loader import Release
from app.services import services_of
from model.campaign import Limits, Totals
from model.economics import Economics
from model.scorecard import probability
from model.training.training_data import load_packaged, record, split
from tests.apps import make_app
from tests.customers.conftest import Fill, as_json_lines, named, some
from tests.problems import assert_problem
from tests.stores import load_file, opened

PEOPLE = dict(some(300))


@pytest.fixture
def served(store: CustomerStore, fill: Fill, address: str) -> Iterator[Flask]:
    """An application over the store, with 300 customers."""
    fill(PEOPLE.items())
    app = make_app(database_url=address)
    yield app
    services_of(app).customers.store.database.engine.dispose()


def economics_of(release: Release) -> Economics:
    assert release.economics is not None
    return release.economics


def counted(release: Release, scores: dict[str, float], budget: float, policy: str) -> list[str]:
    """The list, one customer after another: each list is a longer one until it costs too much."""
    economics, threshold = economics_of(release), release.scorecard.policies[policy]
    ranked = sorted(scores, key=lambda c: (-scores[c], c))
    worth = [c for c in ranked if probability(scores[c]) >= threshold]
    costs = [
        sum(
            economics.contact_cost
            + economics.offer_cost * (1 - probability(scores[c]) * (1 - economics.mean_chance))
            for c in worth[:number]
        )
        for number in range(len(worth) + 1)
    ]
    return worth[: max(n for n, cost in enumerate(costs) if cost <= budget)]


def pages(client: FlaskClient, **query: Any) -> list[Any]:
    found = []
    while True:
        response = client.get("/customers/at-risk", query_string=query)
        assert response.status_code == 200, response.text
        found.append(response.get_json())
        if found[-1]["next"] is None:
            return found
        query["after"] = found[-1]["next"]


def test_the_list_is_the_one_that_counting_finds(served: Flask, release: Release) -> None:
    """On all pages together, each of which tells the same of the whole list."""
    scores = {c: release.scorecard.log_odds(features) for c, features in PEOPLE.items()}
    everyone = counted(release, scores, 1e12, "value")
    seen = set()
    asked = [(budget, "value") for budget in (3, 40.5, 900, 1e12)]
    for budget, policy in [*asked, (200, "high_precision"), (1e12, "default")]:
        options = {} if policy == "value" else {"policy": policy}
        found = pages(served.test_client(), budget=budget, limit=70, **options)
        expected = counted(release, scores, budget, policy)
        assert [customer["id"] for page in found for customer in page["customers"]] == expected
        said = found[0]["budget"]
        assert all(page["budget"] == said and page["complete"] for page in found)
        assert said["customers"] == len(expected)
        assert said["leavers"] == pytest.approx(sum(probability(scores[c]) for c in expected))
        assert said["cost"]["expected"] <= budget
        profit = said["gain"]["expected"] - said["cost"]["expected"]
        assert said["profit"]["expected"] == pytest.approx(profit, abs=0.02)
        assert found[0]["policy"]["name"] == policy
        seen.add(said["limited_by"])
        if policy == "value":
            assert (said["limited_by"] == "budget") == (len(expected) < len(everyone))
    assert seen == {"budget", "threshold"}


@pytest.mark.parametrize("count", [0, 1, 1001, 1002, 2600])
def test_the_end_of_a_list_is_exact_in_a_base_of_any_size(
    store: CustomerStore, release: Release, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """With many equal scores, too; of a large base one step is read, not all."""
    digest, economics = "0" * 64, economics_of(release)
    records = [StoredCustomer(f"c-{i:05}", {}, (i * 7919 % 613) / 50 - 6) for i in range(count)]
    with store.database.bulk() as connection:
        write(connection, records, digest)
        renew(connection, digest)
    ranked = [(probability(c.log_odds or 0.0), c.id) for c in records]
    ranked.sort(key=lambda pair: (-pair[0], pair[1]))
    monkeypatch.setattr(budget_cut, "MOST_RANKED", 0)  # nothing is read from the top
    for budget in (0.5, 60.0, 977.0, 9000.0, 1e12):
        for threshold in (0.0, 0.2, 0.999):
            limits, totals, last, end = Limits(economics, budget, threshold), Totals(), None, ""
            for churn, customer in ranked:
                more = totals.plus(churn)
                if end := limits.end(more, churn):
                    break
                totals, last = more, customer
            found = store.budget_cut(digest, limits)
            assert found is not None
            assert found.totals == totals
            assert (found.last[1] if found.last else None) == last
            assert found.limited_by == (end or "customers")


def test_while_scores_change_the_list_is_counted_from_the_top_or_not_at_all(
    served: Flask, store: CustomerStore, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No sum of former scores is told: a customer who was changed isn't on the list."""
    client = served.test_client()
    before = pages(client, budget=900, limit=500)[0]
    first = before["customers"][0]["id"]
    with store.database.bulk() as connection:
        write(connection, [StoredCustomer(first, PEOPLE[first])], "")
    page = pages(client, budget=900, limit=500)[0]
    scores = {c: release.scorecard.log_odds(f) for c, f in PEOPLE.items() if c != first}
    assert [c["id"] for c in page["customers"]] == counted(release, scores, 900, "value")
    assert page["complete"] is False
    monkeypatch.setattr(budget_cut, "MOST_RANKED", 50)
    assert pages(client, budget=100)[0]["budget"]["limited_by"] == "budget"
    for path in ("/customers/at-risk?budget=900", "/customers/at-risk?budget=1e12"):
        problem = client.get(path)
        assert_problem(problem, 503, "budget-uncounted")
        assert problem.headers["Retry-After"]
    rescoring.score(store, release, lambda _: None)
    assert pages(client, budget=900, limit=500)[0] == before


@pytest.mark.parametrize("missing", ["score_changes", "score_distribution"])
def test_over_tables_of_the_version_before_nothing_is_told(
    served: Flask, store: CustomerStore, missing: str
) -> None:
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.text(f"DROP TABLE {missing}"))
    response = served.test_client().get("/customers/at-risk?budget=100")
    assert_problem(response, 503, "budget-uncounted")
    assert served.test_client().get("/customers/at-risk").get_json()["budget"] is None


def test_quantiles_of_the_version_before_have_no_sums(
    served: Flask, store: CustomerStore, release: Release
) -> None:
    before = pages(served.test_client(), budget=900)
    old = {"log_odds": [0.0] * 300}
    with store.database.bulk() as connection, connection.begin():
        connection.execute(sa.update(score_distribution).values(quantiles=old))
    assert pages(served.test_client(), budget=900) == before


def test_without_economics_the_problem_says_so(without_economics: FlaskClient) -> None:
    response = without_economics.get("/customers/at-risk?budget=1000")
    problem = assert_problem(response, 409, "economics-missing")
    assert "1.1.0" in problem["detail"]
    page = without_economics.get("/customers?budget=1000")
    assert (page.status_code, page.mimetype) == (409, "text/html")
    assert "budget" not in without_economics.get("/customers").text


@pytest.mark.parametrize(
    "budget", ["", "0", "-5", "x", "nan", "inf", "1e13", "1_0", "٣", "1,000", "0.001"]
)
def test_no_budget_is_told_together_with_other_faults(client: FlaskClient, budget: str) -> None:
    query = {"budget": budget, "limit": "0"}
    problem = assert_problem(
        client.get("/customers/at-risk", query_string=query), 422, "invalid-input"
    )
    assert [error["parameter"] for error in problem["errors"]] == ["budget", "limit"]


def test_the_outcome_is_that_of_customers_who_left_or_stayed(
    tmp_path: Path, release: Release
) -> None:
    """Customers whom training didn't see: what was told of them, and what then happened."""
    data, address = load_packaged(release.contract), f"sqlite:///{tmp_path / 'churn.sqlite3'}"
    rows = split(data.churned).test
    left = {f"t-{row}": bool(data.churned[row]) for row in rows}
    people = [(f"t-{row}", record(release.contract, data.features, row)) for row in rows]
    with opened(address) as store:
        upgrade(store.database)
        load_file(store, named(as_json_lines(people)), tmp_path / "rejects.csv", release)
    app, economics = make_app(database_url=address), economics_of(release)
    for budget in (300, 1000, 1e6):
        found = pages(app.test_client(), budget=budget, limit=500)
        said, cost, gain = found[0]["budget"], 0.0, 0.0
        called = [customer for page in found for customer in page["customers"]]
        for customer in called:
            leaver = left[customer["id"]]
            taken = economics.mean_chance if leaver else 1.0
            cost += economics.contact_cost + economics.offer_cost * taken
            gain += leaver * economics.mean_chance * economics.customer_value
        for name, amount in (("cost", cost), ("gain", gain), ("profit", gain - cost)):
            low, high = said[name]["range"]
            assert low <= amount <= high, name
        spread = sqrt(sum(c["churn_probability"] * (1 - c["churn_probability"]) for c in called))
        assert abs(sum(left[c["id"]] for c in called) - said["leavers"]) < 3 * spread
    services_of(app).customers.store.database.engine.dispose()
