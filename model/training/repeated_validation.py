"""Repeats cross-validation, to show how much ROC AUC varies by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from model.features import Contract
from model.training import evaluation
from model.training.booster import one_thread
from model.training.evaluation import Part
from model.training.pair_selection import (
    FOLDS,
    Choice,
    Figures,
    Progress,
    judge,
    make_folds,
    rank_pairs,
)
from model.training.quality_measures import roc_auc
from model.training.training_data import SEED

REPEATS = 10


def repeat(
    contract: Contract,
    features: pd.DataFrame,
    churned: np.ndarray,
    choice: Choice,
    progress: Progress,
) -> list[Figures]:
    """Judge what was chosen on other folds each time; the first are those of the choice.

    Args:
        contract: the features.
        features: the training customers'.
        churned: their outcomes.
        choice: hyperparameters and number of pairs.
        progress: is told of each repeat.
    """
    found = [choice.figures]
    with one_thread():
        for number in range(1, REPEATS):
            progress(f"repeated cross-validation: {number + 1} of {REPEATS}")
            folds = make_folds(contract, features, churned, seed=SEED + number)
            pairs = [
                rank_pairs(f.bins, f.codes, f.churned, choice.setting)[: choice.pairs]
                if choice.pairs
                else []
                for f in folds
            ]
            found.append(judge(folds, choice.setting, pairs))
    return found


def spread(repeats: list[Figures], test: Part, validation: Part) -> dict[str, Any]:
    """Return how ROC AUC varies over folds and over unseen parts as large as the test set.

    Such a part is drawn from held-out customers of one repeat, with replacement and with the same
    share of leavers: so it varies as parts of new customers would.

    Args:
        repeats: held-out customers of each repeat.
        test: outcomes and probabilities of the test set.
        validation: of the validation set, about as large.
    """
    single = np.array([[roc_auc(*part) for part in figures.parts] for figures in repeats])
    size = len(validation[0])
    generator = np.random.default_rng(SEED)
    drawn = np.concatenate([_drawn(figures.parts, size, generator) for figures in repeats])
    low, high = np.percentile(drawn, (2.5, 97.5))
    one, other = roc_auc(*test), roc_auc(*validation)
    return {
        "repeats": len(repeats),
        "folds": FOLDS,
        "mean": _figure(single.mean()),
        "standard_deviation": _figure(single.std(ddof=1)),
        "of_repeats": [_figure(value) for value in single.mean(axis=1)],
        "samples_of": {
            "customers": size,
            "low": _figure(low),
            "high": _figure(high),
            "below_test": _figure((drawn < one).mean()),
            "below_validation": _figure((drawn < other).mean()),
        },
        "test": _figure(one),
        "validation": _figure(other),
    }


def _drawn(parts: list[Part], size: int, generator: np.random.Generator) -> np.ndarray:
    """Return ROC AUC of random parts of this size."""
    churned, scores = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    left, stayed = scores[churned], scores[~churned]
    leavers = round(size * churned.mean())
    outcomes = np.arange(size) < leavers
    values = []
    for _ in range(evaluation.RESAMPLES):
        picked = generator.choice(left, leavers), generator.choice(stayed, size - leavers)
        values.append(roc_auc(outcomes, np.concatenate(picked)))
    return np.array(values)


def _figure(value: Any) -> float:
    return round(float(value), 4)
