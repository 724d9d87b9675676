"""A model that is too sure of itself is recalibrated, and stays one scorecard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit  # type: ignore[import-untyped]

from app.predictions.scorer import Scorer
from model.features import Contract
from model.scorecard import Scorecard
from model.scorecard_file import from_dict
from model.training import booster, evaluation, factor_fitting, trainer
from model.training.calibration_measures import calibration_out_of_fold
from model.training.evaluation import Part
from model.training.pair_selection import Choice, Figures
from model.training.partial_customers import PartialScorer
from model.training.quality_measures import calibration_error, log_loss
from model.training.recalibration import Recalibration, recalibrate
from model.training.release_writer import Candidate, score
from model.training.scorecard_writer import write_down
from model.training.training_data import Split, TrainingData, record
from tests.model.training.distorted_parts import five_parts


def together(parts: list[Part]) -> Part:
    churned, scores = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return churned, scores


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, -0.4), (1.6, 0.0), (1.0, 0.5)])
def test_a_known_distortion_is_found_and_undone(slope: float, intercept: float) -> None:
    parts = five_parts(slope, intercept)
    found = recalibrate(parts)
    assert found.kept
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), abs=0.1)
    before, after = together(parts), together(found.parts)
    assert log_loss(*after) == pytest.approx(log_loss(*before) - found.gain)
    assert calibration_error(*after) < 0.5 * calibration_error(*before)


def test_probabilities_that_are_right_are_left_alone() -> None:
    parts = five_parts()
    found = recalibrate(parts)
    assert not found.kept
    assert found.parts == parts


def test_a_fold_is_moved_by_the_other_folds_alone() -> None:
    """So the gain is honest: a fold's own outcomes don't help it."""
    parts = five_parts(0.5)
    (churned, scores), *others = parts
    turned = [(churned ^ (np.arange(len(churned)) < 40), scores), *others]
    moved = [recalibrate(five).parts[0][1] for five in (parts, turned)]
    assert np.array_equal(*moved)


def test_a_model_that_ranks_the_wrong_way_round_is_not_turned() -> None:
    found = recalibrate(five_parts(-1.0))
    assert found.slope < 0 < found.gain - found.standard_error
    assert not found.kept


def test_scores_that_tell_all_leavers_get_a_finite_slope() -> None:
    churned = np.arange(100) < 30
    found = recalibrate([(churned, np.where(churned, 1.0, 0.0))] * 5)
    assert np.isfinite([found.slope, found.intercept, *found.gains]).all()


def test_our_model_is_left_alone(candidate: Candidate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its decision function, and so every byte of the scorecard."""
    monkeypatch.setattr(evaluation, "RESAMPLES", 100)
    found = candidate.trained.choice.recalibration
    stated = calibration_out_of_fold(found)
    assert stated["recalibration"]["kept"] is False
    assert stated["customers"] == sum(g["customers"] for g in stated["groups"]) == 4930
    low, high = stated["calibration_error"]["interval"]
    assert low < stated["calibration_error"]["value"] < high
    decision = candidate.trained.estimator.decision_function
    assert found.applied(decision) == decision


class TooSure:
    """An estimator whose log-odds are twice as far from 0, and higher by 0.3."""

    def __init__(self, fitted: Any) -> None:
        self.fitted = fitted

    def decision_function(self, codes: np.ndarray) -> np.ndarray:
        moved: np.ndarray = 2 * self.fitted.decision_function(codes) + 0.3
        return moved


def too_sure(parts: list[Part]) -> list[Part]:
    return [(c, expit(2 * np.log(s / (1 - s)) + 0.3)) for c, s in parts]


@pytest.fixture(scope="module")
def repaired(
    contract: Contract, customers: TrainingData, parts: Split, candidate: Candidate
) -> tuple[trainer.Trained, Scorecard]:
    """Our training with an estimator that is too sure of itself."""
    given = candidate.trained.choice
    choice = Choice(given.setting, 0, Figures(np.zeros(5), too_sure(given.figures.parts)), [])
    features = customers.features.iloc[parts.train].reset_index(drop=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factor_fitting, "STEPS", 100)
        patch.setattr(trainer, "fit", lambda *args: TooSure(booster.fit(*args)))
        trained = trainer.fit_scorecard(contract, features, customers.churned[parts.train], choice)
    return trained, from_dict(write_down(contract, trained, "1.2.0", customers, parts.train))


def test_a_model_that_is_too_sure_is_repaired_inside_the_scorecard(
    repaired: tuple[trainer.Trained, Scorecard],
    contract: Contract,
    customers: TrainingData,
    parts: Split,
    candidate: Candidate,
) -> None:
    """On the test set its probabilities are nearly those of the undistorted model."""
    trained, scorecard = repaired
    found: Recalibration = trained.choice.recalibration
    assert found.kept
    assert found.slope == pytest.approx(0.5, abs=0.05)
    rows = parts.test[:300]
    _, honest = score(contract, from_dict(candidate.document), customers, rows)
    _, served = score(contract, scorecard, customers, rows)
    assert np.abs(served - honest).max() < 0.03


def test_reasons_and_ranges_of_the_repaired_scorecard_add_up(
    repaired: tuple[trainer.Trained, Scorecard],
    contract: Contract,
    customers: TrainingData,
    parts: Split,
) -> None:
    """For complete and for partial customers, scored one by one and all at once."""
    trained, scorecard = repaired
    assert replace(scorecard, selftest=scorecard.selftest[1:]).verify() == []
    rows = parts.test[:20]
    frame = customers.features.iloc[rows]
    for known in (len(contract.names), 9, 0):
        shown = np.arange(len(contract.names)) < known
        many = PartialScorer(trained, frame).score(shown)
        for place, row in enumerate(rows):
            whole = record(contract, customers.features, int(row))
            customer = dict(list(whole.items())[:known])
            answer = Scorer(scorecard, contract).score(customer, most=3)
            p = answer["churn_probability"]
            listed = sum(reason["effect"] for reason in answer["reasons"])
            summed = answer["baseline"] + listed + answer["other_effects"]
            summed += answer["unknown"]["effect"] if known < len(shown) else 0.0
            assert expit(summed) == pytest.approx(p, abs=1e-9)
            assert expit(many.log_odds[place]) == pytest.approx(p, abs=1e-6)
            assert many.low[place] <= many.log_odds[place] <= many.high[place]
