"""What is measured of probabilities against outcomes. Both as long as there are customers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata  # type: ignore[import-untyped]

Measure = Callable[[np.ndarray, np.ndarray], float]
"""Of outcomes (booleans), and probabilities or, for a decision, booleans."""


def measures(policies: dict[str, float]) -> dict[str, Measure]:
    """Every measure by its name in the model card."""
    found: dict[str, Measure] = {
        "roc_auc": roc_auc,
        "log_loss": _log_loss,
        "brier_score": _brier_score,
    }
    at_threshold = {"accuracy": _accuracy, "precision": precision, "recall": recall, "f1": _f1}
    for policy, threshold in policies.items():
        for name, measure in at_threshold.items():
            found[f"{name}_{policy}"] = at(threshold, measure)
    return found


def roc_auc(churned: np.ndarray, scores: np.ndarray) -> float:
    """The chance that one who left scores above one who stayed; 0.5 where all left or all stayed.

    By ranks (Mann and Whitney 1947): ten times as fast as scikit-learn's, which intervals need.
    """
    left = int(churned.sum())
    stayed = len(churned) - left
    if not left or not stayed:
        return 0.5
    above = rankdata(scores)[churned].sum() - left * (left + 1) / 2
    return float(above / (left * stayed))


def _log_loss(churned: np.ndarray, scores: np.ndarray) -> float:
    return float(-np.log(np.where(churned, scores, 1 - scores)).mean())


def _brier_score(churned: np.ndarray, scores: np.ndarray) -> float:
    return float(((scores - churned) ** 2).mean())


def at(threshold: float, measure: Measure) -> Measure:
    """The measure of the decision that a threshold makes."""
    return lambda churned, scores: measure(churned, scores >= threshold)


def _accuracy(churned: np.ndarray, flagged: np.ndarray) -> float:
    return float((churned == flagged).mean())


def precision(churned: np.ndarray, flagged: np.ndarray) -> float:
    """The share of the flagged who left; 0 where nobody was flagged."""
    return float(churned[flagged].mean()) if flagged.any() else 0.0


def recall(churned: np.ndarray, flagged: np.ndarray) -> float:
    """The share of those who left that was flagged; 0 where nobody left."""
    return float(flagged[churned].mean()) if churned.any() else 0.0


def false_rate(churned: np.ndarray, flagged: np.ndarray) -> float:
    """The share of those who stayed that was flagged."""
    return recall(~churned, flagged)


def _f1(churned: np.ndarray, flagged: np.ndarray) -> float:
    together = churned.sum() + flagged.sum()
    return float(2 * (churned & flagged).sum() / together) if together else 0.0
