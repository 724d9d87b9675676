"""The waterfall: what it draws adds up to the score."""

from __future__ import annotations

from math import log

import pytest
from flask import Flask
from hypothesis import given

from app.predictions.scorer import Scorer
from app.predictions.web.risk_words import TIMES, log_odds, odds, percent, short_reason
from app.predictions.web.waterfall import EVERYTHING_ELSE, MOST_ROWS, waterfall
from app.releases.registry import ReleaseRegistry
from app.services import services_of
from model.features import Value
from tests.prediction_bodies import CONTRACT, CUSTOMERS, REQUIRED


@pytest.fixture(scope="module")
def releases(app: Flask) -> ReleaseRegistry:
    return services_of(app).releases


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
@given(customer=CUSTOMERS)
def test_the_rows_add_up(
    releases: ReleaseRegistry, version: str, customer: dict[str, Value]
) -> None:
    """From the average customer's log-odds to the logit of the probability, to 1e-9."""
    release = releases.get(version)
    assert release
    scored = Scorer(release.scorecard, release.contract).score(customer, "default", 1000)
    made = waterfall(scored, release.contract)
    churn = scored["churn_probability"]
    for effects in ([row.effect for row in made.rows], [effect for _, effect in made.table]):
        assert made.baseline + sum(effects) == pytest.approx(log(churn / (1 - churn)), abs=1e-9)
    assert made.rows[0].start == made.zero
    assert made.rows[-1].end == made.end
    for one, other in zip(made.rows, made.rows[1:], strict=False):
        assert one.end == other.start
    places = [made.zero, made.end, *made.ends, *(row.left + row.width for row in made.rows)]
    assert all(0 <= place <= 100 for place in places)
    assert len(made.rows) <= MOST_ROWS + 2


def test_it_says_in_words_what_it_draws(releases: ReleaseRegistry) -> None:
    release = releases.serving
    assert release
    scored = Scorer(release.scorecard, release.contract).score(REQUIRED, "default", 1000)
    made = waterfall(scored, release.contract)
    assert made.summary.startswith(f"From the average customer, {percent(made.average)}, to this")
    assert f"Month-to-month contract {odds(scored['reasons'][0]['effect'])}" in made.summary
    assert made.rows[-1].label == "16 features not known"
    low, high = map(percent, scored["unknown"]["range"])
    assert made.summary.endswith(f"If all were known: {low} to {high} in nine of ten cases.")


def test_small_reasons_share_a_row(releases: ReleaseRegistry) -> None:
    release = releases.serving
    assert release
    scored = Scorer(release.scorecard, release.contract).score(CONTRACT.example(), "default", 1000)
    made = waterfall(scored, release.contract)
    assert [row.label for row in made.rows][MOST_ROWS:] == [EVERYTHING_ELSE]
    assert len(made.table) == len(scored["reasons"]) > MOST_ROWS


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(0.57), "57%"),
        (percent(0.001), "under 1%"),
        (percent(0.9999), "over 99%"),
        (odds(log(1.7)), f"{TIMES}1.7 odds"),
        (odds(log(0.5)), f"{TIMES}0.50 odds"),
        (odds(log(12.4)), f"{TIMES}12 odds"),
        (odds(-9), f"under {TIMES}0.01 odds"),
        (odds(900), f"over {TIMES}1000 odds"),
        (log_odds(-0.158), "\N{MINUS SIGN}0.16"),
        (log_odds(-0.001), "0.00"),
    ],
)
def test_numbers_in_words(written: str, expected: str) -> None:
    assert written == expected


def test_a_reason_in_short() -> None:
    pair = {"feature": "contract x tenure", "value": ["One year", 1], "effect": 0.1}
    assert short_reason(pair, CONTRACT) == "One year contract and Tenure 1 month"
    assert short_reason({"feature": "partner", "value": None}, CONTRACT) == "Partner not known"
