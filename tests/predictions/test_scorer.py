"""Scores of many customers: those of each, and what the scorecard's own terms say."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.cli.model_options import RELEASES
from app.predictions.scorer import Scorer
from model.factor_model import COVERAGE
from model.features import Contract
from model.scorecard import POLICIES_OF_ALL, Scorecard, probability
from model.scorecard_file import load_scorecard
from tests.model.random_scorecards import random_contract, random_customers, random_scorecard
from tests.prediction_bodies import CONTRACT, CUSTOMERS

RELEASED = [
    load_scorecard(RELEASES / version / "scorecard.json") for version in ("1.0.0", "1.1.0", "1.2.0")
]
MOST = st.integers(0, 25)


def plainly(
    scorecard: Scorecard, contract: Contract, customer: dict[str, Any], policy: str, most: int
) -> dict[str, Any]:
    """Make the answer step by step, without the texts of its reasons."""
    effects, get = scorecard.effects(customer), customer.get
    known = scorecard.intercept + sum(effects)
    missing = [name for name in contract.names if get(name) is None]
    inferred = scorecard.infer(get, known)
    unknown: dict[str, Any] = {"features": [], "effect": 0.0, "ask_next": None}
    churn = probability(inferred.log_odds if inferred else known)
    ends: list[float] | None = [churn, churn]
    if inferred:
        ends = [probability(inferred.low), probability(inferred.high)]
        unknown = {
            "features": inferred.features,
            "effect": inferred.log_odds - known,
            "ask_next": inferred.ask_next,
        }
    elif missing and scorecard.factors is None:
        unknown["features"], ends = missing, None
    threshold = scorecard.policies[policy]
    order = sorted(range(len(effects)), key=lambda i: -abs(effects[i]))
    return {
        "prediction": "churn" if churn >= threshold else "no_churn",
        "confidence": churn if churn >= threshold else 1 - churn,
        "churn_probability": churn,
        "model_version": scorecard.version,
        "policy": {"name": policy, "threshold": threshold},
        "baseline": scorecard.intercept,
        "reasons": [
            (" x ".join(scorecard.terms[i].features), effects[i])
            for i in order[:most]
            if effects[i]
        ],
        "other_effects": sum(effects[i] for i in order[most:]),
        "missing_features": missing,
        "unknown": {**unknown, "range": ends, "coverage": COVERAGE if ends else None},
    }


def check(
    scorecard: Scorecard,
    contract: Contract,
    customers: list[dict[str, Any]],
    policy: str,
    most: int,
) -> None:
    """Compare the answers of many with each one's, and with the plain ones, bit for bit."""
    scorer = Scorer(scorecard, contract)
    given_values = repr(customers)
    many = scorer.score_many(customers, policy, most)
    assert repr(many) == repr([scorer.score(customer, policy, most) for customer in customers])
    assert repr(customers) == given_values
    for customer, answer in zip(customers, many, strict=True):
        told = [(reason["feature"], reason["effect"]) for reason in answer["reasons"]]
        expected = plainly(scorecard, contract, customer, policy, most)
        assert {**answer, "reasons": told} == expected


@given(
    st.sampled_from(RELEASED),
    st.lists(CUSTOMERS, max_size=6),
    st.sampled_from(POLICIES_OF_ALL),
    MOST,
)
def test_many_customers_are_scored_as_each_by_a_release(
    scorecard: Scorecard, customers: list[dict[str, Any]], policy: str, most: int
) -> None:
    """Of both formats of the file, customers complete and partial."""
    check(scorecard, CONTRACT, customers, policy, most)


@given(st.integers(0, 20).map(random_scorecard), st.lists(random_customers(), max_size=6), MOST)
def test_many_customers_are_scored_as_each_with_pairs_and_rare_values(
    scorecard: Scorecard, customers: list[dict[str, Any]], most: int
) -> None:
    check(scorecard, random_contract(), customers, "default", most)


@given(
    CUSTOMERS.map(lambda customer: {**CONTRACT.example(), **customer}),
    st.permutations(CONTRACT.names),
)
def test_the_order_of_features_says_nothing(customer: dict[str, Any], names: list[str]) -> None:
    scorer = Scorer(RELEASED[1], CONTRACT)
    assert repr(scorer.score({name: customer[name] for name in names})) == repr(
        scorer.score(customer)
    )
