"""Measures of probabilities against outcomes; both have one entry for each customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.stats import rankdata  # type: ignore[import-untyped]

from model.economics import Economics
from model.training.profit_measures import profit_measures

Measure = Callable[[np.ndarray, np.ndarray], float]
"""Takes outcomes (booleans), and probabilities or, for a decision, booleans."""


def measures(
    policies: Mapping[str, float], economics: Economics | None = None
) -> dict[str, Measure]:
    """Return every measure by its name in the model card; profit only with economics."""
    found: dict[str, Measure] = {
        "roc_auc": roc_auc,
        "log_loss": log_loss,
        "brier_score": brier_score,
    }
    at_threshold = {"accuracy": _accuracy, "precision": precision, "recall": recall, "f1": _f1}
    for policy, threshold in policies.items():
        for name, measure in at_threshold.items():
            found[f"{name}_{policy}"] = at(threshold, measure)
    return found | (profit_measures(economics, policies) if economics else {})


def roc_auc(churned: np.ndarray, scores: np.ndarray) -> float:
    """Return the chance that a customer who left scores above one who stayed.

    0.5 if all left or all stayed. Computed from ranks (Mann and Whitney 1947), ten times as fast as
    scikit-learn's function; the bootstrap needs that.
    """
    left = int(churned.sum())
    stayed = len(churned) - left
    if not left or not stayed:
        return 0.5
    above = rankdata(scores)[churned].sum() - left * (left + 1) / 2
    return float(above / (left * stayed))


def log_loss(churned: np.ndarray, scores: np.ndarray) -> float:
    """Return the mean negative log-likelihood, in nats."""
    return float(-np.log(np.where(churned, scores, 1 - scores)).mean())


def brier_score(churned: np.ndarray, scores: np.ndarray) -> float:
    """Return the mean squared distance of the probability from the outcome."""
    return float(((scores - churned) ** 2).mean())


def at(threshold: float, measure: Measure) -> Measure:
    """Apply a measure to the decisions at a threshold."""
    return lambda churned, scores: measure(churned, scores >= threshold)


def _accuracy(churned: np.ndarray, flagged: np.ndarray) -> float:
    return float((churned == flagged).mean())


def precision(churned: np.ndarray, flagged: np.ndarray) -> float:
    """Return the share of flagged customers who left; 0 if none was flagged."""
    return float(churned[flagged].mean()) if flagged.any() else 0.0


def recall(churned: np.ndarray, flagged: np.ndarray) -> float:
    """Return the share of customers who left that was flagged; 0 if none left."""
    return float(flagged[churned].mean()) if churned.any() else 0.0


def false_rate(churned: np.ndarray, flagged: np.ndarray) -> float:
    """Return the share of customers who stayed that was flagged."""
    return recall(~churned, flagged)


def _f1(churned: np.ndarray, flagged: np.ndarray) -> float:
    together = churned.sum() + flagged.sum()
    return float(2 * (churned & flagged).sum() / together) if together else 0.0


def calibration_error(churned: np.ndarray, scores: np.ndarray, groups: int = 10) -> float:
    """Return the expected calibration error over groups of equal size, by rising probability.

    The mean over customers of the distance between their group's mean probability and share of
    leavers (Naeini, Cooper and Hauskrecht 2015, with groups of equal size).
    """
    order = np.argsort(scores, kind="stable")
    gaps = scores[order] - churned[order]
    return float(sum(abs(part.sum()) for part in np.array_split(gaps, groups)) / len(scores))
