"""Scores of arrays are the plain scorer's."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.releases.release_loader import Release, load_release
from model.bins import Bins
from model.columnar.array_scorer import ArrayScorer
from model.features import Contract, Feature
from model.scorecard import Scorecard, probability
from model.scorecard_file import from_dict
from tests.model.columnar.twin_comparison import differences
from tests.model.random_scorecards import (
    random_contract,
    random_customers,
    random_document,
    random_scorecard,
)
from tools.coded_customers import coded, edge_customers, sample
from tools.servers import ROOT

SEEDS = st.integers(0, 200)


def packaged(version: str) -> Release:
    return load_release(ROOT / "model" / "releases" / version)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0"])
def test_customers_of_a_release_get_the_plain_scores(version: str) -> None:
    """Real ones; at each edge, just below and above it; any features unknown."""
    release = packaged(version)
    scorecard, contract = release.scorecard, release.contract
    customers = sample(contract) + edge_customers([scorecard], contract, 3000, seed=1)
    for policy in scorecard.policies:
        assert [*differences(scorecard, contract, customers, policy)] == []


@given(SEEDS.map(random_scorecard), st.lists(random_customers(), max_size=20))
def test_random_scorecards(scorecard: Scorecard, customers: list[dict[str, Any]]) -> None:
    """Pairs, rare values, bins for missing; also no customer at all."""
    assert [*differences(scorecard, random_contract(), customers)] == []


@given(st.integers(0, 20), random_customers())
def test_releases_without_factors(seed: int, customer: dict[str, Any]) -> None:
    """An unknown feature has points for missing, and the range is unknown."""
    document = random_document(seed) | {"format": 1}
    assert [*differences(from_dict(document), random_contract(), [customer])] == []


def test_a_feature_without_a_term_counts_where_the_plain_scorer_counts_it() -> None:
    """Without factors its absence leaves the range unknown; with them it changes nothing."""
    other = Feature("other", "Other", "boolean", "", True)
    contract = Contract((*random_contract().features, other))
    customers: list[dict[str, Any]] = [
        {"f0": "a", "f1": 1.0, "f2": "b", "f3": 7.0, "f4": "a"} | more
        for more in ({}, {"other": True})
    ]
    for form in (1, 2):
        scorecard = from_dict(random_document(3) | {"format": form})
        assert [*differences(scorecard, contract, customers)] == []


def test_many_features_and_pairs_that_hang_together() -> None:
    """More than one table of joint bins can hold."""
    document = random_document(5, features=24, pairs=20)
    contract = Contract(
        tuple(
            replace(random_contract().features[number % 2], name=f"f{number}")
            for number in range(24)
        )
    )
    scorecard = from_dict(document)
    customers = edge_customers([scorecard], contract, 2000, seed=2)
    assert [*differences(scorecard, contract, customers)] == []


def test_the_decision_at_a_threshold_is_the_plain_one() -> None:
    """Even where the probability is the threshold, or next to it."""
    release = packaged("1.2.0")
    customers = sample(release.contract)
    features = coded(release.contract, customers)
    scorer = ArrayScorer(release.scorecard, release.contract)
    plain = [probability(release.scorecard.log_odds(customer)) for customer in customers]
    for chance in plain:
        for threshold in (math.nextafter(chance, 0), chance, math.nextafter(chance, 1)):
            churns = scorer.churns(features, scorer.score(features), threshold)
            assert churns.tolist() == [found >= threshold for found in plain]


def test_extreme_log_odds_are_probabilities() -> None:
    """Neither an overflow nor a warning, which the suite would make an error."""
    document = random_document(1) | {"intercept": -100.0}
    for term in document["terms"]:
        term["points"] = np.where(np.array(term["points"]) != 0, -100.0, 0.0).tolist()
    low = from_dict(document)
    customers: list[dict[str, Any]] = [{"f0": "a", "f1": 1.0, "f2": "b", "f3": 7.0, "f4": "a"}]
    assert [*differences(low, random_contract(), customers)] == []
    assert low.log_odds(customers[0]) < -700


def test_the_comparison_finds_planted_faults() -> None:
    """Points off by 2e-12, an edge off by one ulp, evidence of the unknown off by 1e-6."""
    release = packaged("1.2.0")
    right, contract = release.scorecard, release.contract
    customers = edge_customers([right], contract, 3000, seed=1)

    def found(**changes: Any) -> bool:
        return any(differences(replace(right, **changes), contract, customers, plain=right))

    assert not found()
    tenure, *others = right.terms
    points = [tenure.points[0] + 2e-12, *tenure.points[1:]]
    assert found(terms=(replace(tenure, points=points), *others))
    edges = tenure.bins[0].edges
    moved = Bins(edges=(*edges[:-1], math.nextafter(edges[-1], math.inf)))
    assert found(terms=(replace(tenure, bins=(moved,)), *others))
    assert right.factors
    first, *rest = right.factors.features
    told = [(vector[0] + 1e-6, vector[1]) if vector else None for vector in first.evidence]
    changed = (replace(first, evidence=tuple(told)), *rest)
    assert found(factors=replace(right.factors, features=changed))
