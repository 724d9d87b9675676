"""The factor model: what known features say about unknown ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.factor_model import HALF_RANGE, FactorModel, Inference
from model.scorecard import Scorecard
from tests.model.random_scorecards import random_customers, random_scorecard

SEEDS = st.integers(0, 200)


def factors(scorecard: Scorecard) -> FactorModel:
    assert scorecard.factors
    return scorecard.factors


def evidence(scorecard: Scorecard, customer: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """The evidence of each known feature."""
    found = {f.name: f.look_up()(customer.get(f.name)) for f in factors(scorecard).features}
    return {name: vector for name, vector in found.items() if vector}


def inferred(scorecard: Scorecard, customer: dict[str, Any]) -> Inference | None:
    known = scorecard.intercept + sum(scorecard.effects(customer))
    return scorecard.infer(customer.get, known)


def width(scorecard: Scorecard, customer: dict[str, Any]) -> float:
    found = inferred(scorecard, customer)
    return found.high - found.low if found else 0.0


def dense(scorecard: Scorecard, customer: dict[str, Any]) -> tuple[float, float]:
    """Mean and variance of the unknown sum, from the covariance matrix of all that is observed."""
    model, known = factors(scorecard), evidence(scorecard, customer)
    seen = [feature for feature in model.features if feature.name in known]
    hidden = [feature for feature in model.features if feature.name not in known]
    size = 2 * len(seen) + 1
    covariance = np.zeros((size, size))
    values = np.zeros(size - 1)
    loading = np.sum([f.loadings for f in hidden], axis=0) if hidden else np.zeros(2)
    for i, feature in enumerate(seen):
        p11, p12, p22 = feature.precision
        noise = np.linalg.inv([[p11, p12], [p12, p22]])
        at = slice(2 * i, 2 * i + 2)
        for j in range(len(seen)):
            covariance[at, 2 * j : 2 * j + 2] = np.eye(2)
        covariance[at, at] += noise
        covariance[at, -1] = covariance[-1, at] = loading
        values[at] = noise @ known[feature.name]
    own = sum(f.variance for f in hidden)
    own += sum(v for one, other, v in model.pairs if not {one, other} <= known.keys())
    covariance[-1, -1] = loading @ loading + own
    weights = np.linalg.solve(covariance[:-1, :-1], covariance[:-1, -1])
    return float(weights @ values), float(covariance[-1, -1] - weights @ covariance[:-1, -1])


@given(SEEDS, random_customers())
def test_it_agrees_with_the_dense_solution(seed: int, customer: dict[str, Any]) -> None:
    scorecard = random_scorecard(seed)
    found = inferred(scorecard, customer)
    mean, variance = dense(scorecard, customer)
    known = scorecard.intercept + sum(scorecard.effects(customer))
    if found is None:
        assert (mean, variance) == pytest.approx((0, 0), abs=1e-9)
        return
    half = HALF_RANGE * math.sqrt(variance)
    assert (found.low, found.high) == pytest.approx(
        (known + mean - half, known + mean + half), abs=1e-9
    )
    model = factors(scorecard)
    flat = math.sqrt(1 + model.spread * variance)
    expected = (known + mean + model.shift * variance) / flat
    assert found.log_odds == pytest.approx(min(max(expected, found.low), found.high), abs=1e-9)


@given(SEEDS, random_customers())
def test_the_range_holds_the_probability(seed: int, customer: dict[str, Any]) -> None:
    found = inferred(random_scorecard(seed), customer)
    if found:
        assert found.low <= found.log_odds <= found.high


@given(SEEDS, random_customers(), st.integers(0, 4), st.integers(0, 1))
def test_knowledge_never_widens_the_range(
    seed: int, customer: dict[str, Any], number: int, which: int
) -> None:
    """In log-odds, whatever the value of the feature that becomes known."""
    scorecard, name = random_scorecard(seed), f"f{number}"
    if name not in evidence(scorecard, customer):
        told = customer | {name: ((0.5, 7.0) if number % 2 else ("a", "b"))[which]}
        assert width(scorecard, told) <= width(scorecard, customer) + 1e-9


@given(SEEDS, random_customers())
def test_the_feature_to_ask_next_leaves_the_narrowest_range(
    seed: int, customer: dict[str, Any]
) -> None:
    scorecard = random_scorecard(seed)
    found = inferred(scorecard, customer)
    if found is None:
        return
    widths = {
        name: width(scorecard, customer | {name: 0.5 if int(name[1:]) % 2 else "a"})
        for name in found.features
    }
    assert widths[found.ask_next] == pytest.approx(min(widths.values()), abs=1e-9)


@given(SEEDS, random_customers())
def test_unknown_are_the_features_without_evidence(seed: int, customer: dict[str, Any]) -> None:
    """Missing, unless it has a bin of its own; and values that training hardly saw."""
    scorecard = random_scorecard(seed)
    found = inferred(scorecard, customer)
    unknown = [name for name in ("f0", "f1", "f3", "f4") if customer.get(name) is None]
    if customer.get("f0") == "rare":
        unknown.insert(0, "f0")
    assert (found.features if found else []) == unknown


@given(SEEDS, random_customers())
def test_unknown_terms_have_no_points(seed: int, customer: dict[str, Any]) -> None:
    """What is inferred is no effect of a feature."""
    scorecard = random_scorecard(seed)
    known = evidence(scorecard, customer)
    for term, effect in zip(scorecard.terms, scorecard.effects(customer), strict=True):
        assert effect == 0 or set(term.features) <= known.keys()


def test_a_rare_value_makes_a_scorecard_look_twice() -> None:
    assert factors(random_scorecard(1)).rare
