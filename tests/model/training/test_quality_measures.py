"""Metrics and thresholds: the right numbers, from the right set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from model.training.evaluation import calibration, metric
from model.training.quality_measures import measures, precision, recall
from model.training.release_writer import Candidate
from model.training.threshold_choice import choose_thresholds


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 99)), min_size=2, max_size=50))
def test_every_measure_is_scikit_learns(customers: list[tuple[bool, int]]) -> None:
    churned = np.array([left for left, _ in customers])
    scores = np.array([score / 100 for _, score in customers])
    flagged = scores >= 0.5
    found = {name: m(churned, scores) for name, m in measures({"default": 0.5}).items()}
    expected = {
        "roc_auc": sk.roc_auc_score(churned, scores) if len(set(churned)) == 2 else 0.5,
        "log_loss": sk.log_loss(churned, scores, labels=[False, True]),
        "brier_score": sk.brier_score_loss(churned, scores),
        "accuracy_default": sk.accuracy_score(churned, flagged),
        "precision_default": sk.precision_score(churned, flagged, zero_division=0),
        "recall_default": sk.recall_score(churned, flagged, zero_division=0),
        "f1_default": sk.f1_score(churned, flagged, zero_division=0),
    }
    assert found == pytest.approx(expected, abs=1e-12)


def test_thresholds_reach_their_goals_on_customers_not_fitted_to(candidate: Candidate) -> None:
    """Three of four flagged left under high_precision; four of five leavers under high_recall."""
    parts = [*candidate.trained.choice.figures.parts, candidate.validation]
    churned, scores = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    policies = candidate.document["policies"]
    assert precision(churned, scores >= policies["high_precision"]) >= 0.75
    assert recall(churned, scores >= policies["high_recall"]) >= 0.80
    assert recall(churned, scores >= policies["high_recall"] + 0.02) < 0.80
    assert all(goal.met for goal in candidate.goals)


def test_a_goal_that_no_threshold_reaches_gets_the_nearest_and_is_told() -> None:
    """The most precise threshold that flags twenty: here 24 of the 40 highest scores left."""
    scores = np.linspace(0.1, 0.9, 200)
    churned = np.arange(200) % 2 == 0
    churned[160:] = np.arange(40) % 5 < 3
    policies, (precise, found) = choose_thresholds([(churned, scores)])
    flagged = scores >= policies["high_precision"]
    assert flagged.sum() >= 20
    assert 0.55 < precise.reached == precision(churned, flagged) < 0.75
    assert not precise.met
    assert found.met
    assert precise.said.startswith("No threshold reaches a precision of 75%; the nearest")


def test_a_goal_that_the_default_reaches_moves_no_threshold() -> None:
    """High precision never flags more than the default, nor high recall fewer."""
    churned = np.arange(200) >= 100
    found, _ = choose_thresholds([(churned, np.where(churned, 0.9, 0.1))])
    assert found == {"default": 0.5, "high_precision": 0.9, "high_recall": 0.5}


def test_a_rare_outcome_has_policies_that_flag_somebody() -> None:
    """Where 0.5 flags nobody, high precision goes below it."""
    churned = np.arange(2000) >= 1960
    found, goals = choose_thresholds([(churned, np.where(churned, 0.0312, 0.0101))])
    assert found == {"default": 0.5, "high_precision": 0.0312, "high_recall": 0.0312}
    assert all(goal.met for goal in goals)


def test_an_interval_holds_the_value_and_repeats() -> None:
    churned = np.arange(100) % 4 == 0
    scores = np.linspace(0.01, 0.99, 100)
    brier = measures({})["brier_score"]
    one, other = (metric("brier_score", brier, [(churned, scores)]) for _ in range(2))
    assert one == other
    assert one["interval"][0] < one["value"] < one["interval"][1]


def test_calibration_covers_every_customer(candidate: Candidate) -> None:
    rows = calibration(candidate.validation)
    assert sum(row["customers"] for row in rows) == len(candidate.validation[0])
    predicted = [row["predicted"] for row in rows]
    assert predicted == sorted(predicted)
