"""Measures a candidate: every figure of a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn

from model.economics import Economics
from model.features import Contract
from model.training.calibration_measures import calibration_out_of_fold
from model.training.evaluation import Part, metric
from model.training.pair_selection import FOLDS, Choice, Progress
from model.training.partial_customers import OutOfFold, one_pattern, random_patterns, with_names
from model.training.quality_measures import measures, roc_auc
from model.training.repeated_validation import repeat, spread
from model.training.scorecard_writer import dumps
from model.training.test_part_figures import figures_of_test_part, performance
from model.training.threshold_choice import Goal, ValueChoice
from model.training.trainer import Trained
from model.training.training_data import SEED, Split, TrainingData


@dataclass(frozen=True)
class Candidate:
    """A trained scorecard with its thresholds, before the test set is used."""

    parts: Split
    trained: Trained
    document: dict[str, Any]
    validation: Part
    goals: list[Goal]
    economics: Economics | None
    value: ValueChoice | None

    @property
    def text(self) -> str:
        """The text of `scorecard.json`."""
        return dumps(self.document)


def measure(
    contract: Contract,
    customers: TrainingData,
    candidate: Candidate,
    test: Part,
    factors: Sequence[str],
) -> dict[str, Any]:
    """Return the evaluation of a candidate, as `evaluation.json` states it.

    Args:
        contract: the features.
        customers: all of them.
        candidate: the trained scorecard.
        test: outcomes and probabilities of the test set.
        factors: features whose values are compared for fairness.
    """
    parts, policies = candidate.parts, candidate.document["policies"]
    choice, tested = candidate.trained.choice, customers.features.iloc[parts.test]
    economics = candidate.economics
    tested_figures = figures_of_test_part(
        contract, factors, tested, test, policies, economics=economics
    )
    return {
        "model": {
            "algorithm": "Additive scorecard: boosted trees over binned features, each tree on one "
            "feature or one chosen pair, written as tables of points",
            "framework": f"scikit-learn {sklearn.__version__} "
            "(HistGradientBoostingClassifier); served without it",
            "hyperparameters": choice.setting
            | {"pairs": choice.pairs, "cross_validation_folds": FOLDS, "seed": SEED},
        },
        "sizes": {
            "all": len(customers.churned),
            "train": len(parts.train),
            "validation": len(parts.validation),
            "test": len(parts.test),
        },
        "metrics": [
            *tested_figures["metrics"],
            metric("roc_auc_cross_validated", roc_auc, choice.figures.parts),
        ],
        "calibration_out_of_fold": calibration_out_of_fold(choice.recalibration),
        **_money(economics, candidate.value),
        "threshold_goals": [goal.as_dict() for goal in candidate.goals],
        "performance": {
            "test": tested_figures["performance"],
            "validation": performance(measures(policies, economics), candidate.validation),
        },
        **{
            key: tested_figures[key]
            for key in ("calibration", "curve", "distributions", "fairness")
        },
        "settings_tried": [
            {
                "setting": setting,
                "log_loss": round(float(found.log_losses.mean()), 4),
                "roc_auc": round(found.roc_auc, 4),
            }
            for setting, found in choice.tried
        ],
        "training_rows_by_bin": {
            name: rows.tolist()
            for name, rows in zip(contract.names, candidate.trained.counts, strict=True)
        },
    }


def measure_repeated(
    contract: Contract, customers: TrainingData, candidate: Candidate, test: Part, report: Progress
) -> dict[str, Any]:
    """Measure by cross-validation on other folds, and what chance adds to a part's figures."""
    rows = candidate.parts.train
    features = customers.features.iloc[rows].reset_index(drop=True)
    choice = candidate.trained.choice
    repeats = repeat(contract, features, customers.churned[rows], choice, report)
    return spread(repeats, test, candidate.validation)


def _money(economics: Economics | None, value: ValueChoice | None) -> dict[str, Any]:
    """Return costs and value as stated, and how the threshold of `value` was chosen."""
    if economics is None or value is None:
        return {}
    return {
        "economics": economics.as_stated()
        | {
            "break_even": round(economics.break_even, 4),
            "value": value.threshold,
            "best": value.best,
            "gain": round(value.gain, 4),
            "standard_error": round(value.standard_error, 4),
        }
    }


def measure_partial(
    contract: Contract, customers: TrainingData, choice: Choice, progress: Progress
) -> dict[str, Any]:
    """Measure all customers out of fold: with random features known, the required ones, all."""
    scored = OutOfFold(contract, customers, choice, progress)
    found = {"all_known": np.ones(len(contract.names), dtype=bool)}
    if 0 < len(contract.required) < len(contract.names):
        found["required_known"] = with_names(contract, contract.required)
    return {"random_known": random_patterns(scored, len(contract.names))} | {
        name: one_pattern(scored, shown) for name, shown in found.items()
    }
