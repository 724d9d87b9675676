"""Measures the scores of customers when only some of their features are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from model.factor_model import HALF_RANGE
from model.features import Contract
from model.training.binning import encode
from model.training.evaluation import Part
from model.training.pair_selection import FOLDS, Choice, Progress
from model.training.quality_measures import calibration_error, log_loss, recall, roc_auc
from model.training.scorecard_extraction import positions
from model.training.threshold_choice import DEFAULT
from model.training.trainer import Trained, fit_scorecard, terms_of
from model.training.training_data import SEED, TrainingData

PATTERNS = 200
"""Random sets of known features."""


@dataclass(frozen=True)
class Scores:
    """Scores of customers in log-odds, shape (rows,), with the ends of their ranges."""

    log_odds: np.ndarray
    low: np.ndarray
    high: np.ndarray


class PartialScorer:
    """Scores many customers with the same features known, as `FactorModel.infer` scores one."""

    def __init__(self, trained: Trained, features: pd.DataFrame) -> None:
        at = positions(encode(trained.bins, features), trained.bins)
        self._terms = terms_of(trained.tables, trained.bins, trained.known, at)
        self._factors = trained.factors
        evidence = np.concatenate(trained.factors.evidence)
        starts = np.concatenate([[0], np.cumsum(self._terms.sizes)[:-1]])
        self._evidence = evidence[at + starts]

    def score(self, shown: np.ndarray) -> Scores:
        """Score with some features known; `shown` has a boolean for each feature."""
        terms, factors, single = self._terms, self._factors, len(shown)
        given = (terms.known & shown).astype(float)
        hidden = np.column_stack([~given[:, f].all(axis=1) for f in map(list, terms.features)])
        size = factors.loadings.shape[1]
        total = (given @ factors.precision.reshape(single, size**2)).reshape(len(given), size, size)
        total += np.eye(size)
        loading = hidden[:, :single] @ factors.loadings
        q = np.linalg.solve(total, loading[:, :, None])[:, :, 0]
        evidence = (self._evidence * given[:, :, None]).sum(axis=1)
        variance = (loading * q).sum(axis=1) + hidden @ factors.variances
        known = terms.intercept + (terms.effects * ~hidden).sum(axis=1)
        mean = known + (evidence * q).sum(axis=1)
        half = HALF_RANGE * np.sqrt(variance)
        log_odds = (mean + factors.shift * variance) / np.sqrt(1 + factors.spread * variance)
        low, high = mean - half, mean + half
        return Scores(np.clip(log_odds, low, high), low, high)


class OutOfFold:
    """Scores every customer by a scorecard that was fitted without that customer's fold.

    Args:
        contract: the features.
        customers: all of them.
        choice: hyperparameters and number of pairs, chosen before.
        progress: is told of each fold.
    """

    def __init__(
        self, contract: Contract, customers: TrainingData, choice: Choice, progress: Progress
    ) -> None:
        self.churned = customers.churned
        self._parts = []
        for number, (rows, held_out) in enumerate(folds(customers.churned), start=1):
            progress(f"partial customers: fold {number} of {FOLDS}")
            features, churned = customers.features.iloc[rows], customers.churned[rows]
            trained = fit_scorecard(contract, features.reset_index(drop=True), churned, choice)
            scorer = PartialScorer(trained, customers.features.iloc[held_out])
            self._parts.append((held_out, scorer))
        self.complete = self.score(np.ones(len(contract.names), dtype=bool))

    def score(self, shown: np.ndarray) -> Scores:
        """Score every customer with these features known."""
        whole = np.empty((3, len(self.churned)))
        for held_out, scorer in self._parts:
            found = scorer.score(shown)
            whole[:, held_out] = found.log_odds, found.low, found.high
        return Scores(*whole)

    def coverage(self, scores: Scores) -> float:
        """Return the share of customers whose complete score lies in the range."""
        complete = self.complete.log_odds
        inside = (scores.low <= complete + 1e-9) & (complete <= scores.high + 1e-9)
        return float(inside.mean())


def folds(churned: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield positions of the fitted and the held-out customers of each fold."""
    divisions = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    yield from divisions.split(np.zeros(len(churned)), churned)


def patterns(features: int) -> Iterator[np.ndarray]:
    """Draw sets of known features, the same every time: neither none nor all.

    The share of known features is drawn for each set. A single feature can only be unknown.
    """
    generator = np.random.default_rng(SEED)
    number = PATTERNS
    while number:
        shown = generator.random(features) < generator.random()
        if min(1, features - 1) <= shown.sum() < features:
            number -= 1
            yield shown


def random_patterns(scored: OutOfFold, features: int) -> dict[str, Any]:
    """Measure over random sets of known features.

    Returns:
        Each measure of `one_pattern` as mean over the sets and, ending in `_worst`, of the worst
        set; for the calibration error also the 2.5th and the 97.5th percentile.
    """
    measured = [one_pattern(scored, shown) for shown in patterns(features)]
    columns = {name: np.array([one[name] for one in measured]) for name in measured[0]}
    rate = scored.churned.mean()
    off = np.abs(columns["mean_probability"] - rate).argmax()
    low, high = np.percentile(columns["calibration_error"], (2.5, 97.5))
    return _rounded(
        {"churn_rate": rate}
        | {name: column.mean() for name, column in columns.items()}
        | {f"{name}_worst": columns[name].min() for name in ("roc_auc", "recall", "coverage")}
        | {f"{name}_worst": columns[name].max() for name in ("log_loss", "calibration_error")}
        | {"mean_probability_worst": columns["mean_probability"][off]}
        | {"calibration_error_low": low, "calibration_error_high": high}
    )


def one_pattern(scored: OutOfFold, shown: np.ndarray) -> dict[str, float]:
    """Measure with one set of known features; recall is that of the default policy."""
    scores = scored.score(shown)
    part: Part = scored.churned, logistic(scores.log_odds)
    return _rounded(
        {
            "roc_auc": roc_auc(*part),
            "log_loss": log_loss(*part),
            "recall": recall(part[0], part[1] >= DEFAULT),
            "mean_probability": part[1].mean(),
            "calibration_error": calibration_error(*part),
            "coverage": scored.coverage(scores),
        }
    )


def with_names(contract: Contract, names: Sequence[str]) -> np.ndarray:
    """Return the set of known features that has these names."""
    return np.array([name in names for name in contract.names])


def logistic(log_odds: np.ndarray) -> np.ndarray:
    """Return probabilities."""
    probabilities: np.ndarray = 1 / (1 + np.exp(-log_odds))
    return probabilities


def _rounded(figures: dict[str, Any]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in figures.items()}
