"""What a trained model is worth: metrics with intervals, thresholds, calibration, fairness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, precision_recall_curve, roc_auc_score

from model.data import SEED

RESAMPLES = 2000
PRECISION_GOAL = 0.75
RECALL_GOAL = 0.80
DEFAULT_THRESHOLD = 0.5

Metric = Callable[[np.ndarray, np.ndarray], float]


def choose_thresholds(churned: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Thresholds of the policies, from the validation part.

    `default` is 0.5, the more probable outcome. `high_precision` is the lowest threshold from which
    precision reaches its goal and stays there; `high_recall` is the highest at which recall
    still reaches its goal. Both are rounded to three decimals on the safe side.

    Raises:
        ValueError: no threshold reaches the precision goal.
    """
    precision, recall, thresholds = precision_recall_curve(churned, scores)
    # The last thousandth of customers makes precision jump between 0 and 1: ask for 20 at least.
    enough = np.array([(scores >= t).sum() >= 20 for t in thresholds])
    below = np.flatnonzero((precision[:-1] < PRECISION_GOAL) & enough)
    first = 0 if len(below) == 0 else below[-1] + 1
    if first >= len(thresholds) or not enough[first]:
        raise ValueError(f"no threshold reaches a precision of {PRECISION_GOAL} on validation")
    last = np.flatnonzero(recall[:-1] >= RECALL_GOAL)[-1]
    return {
        "default": DEFAULT_THRESHOLD,
        "high_precision": float(np.ceil(thresholds[first] * 1000) / 1000),
        "high_recall": float(np.floor(thresholds[last] * 1000) / 1000),
    }


def metrics(
    churned: np.ndarray, scores: np.ndarray, thresholds: dict[str, float]
) -> list[dict[str, Any]]:
    """Every metric with its 95 % percentile bootstrap interval (2,000 resamples of customers)."""
    measures: dict[str, Metric] = {
        "roc_auc": roc_auc_score,
        "log_loss": log_loss,
        "brier_score": brier_score_loss,
    }
    for policy, threshold in thresholds.items():
        for name, measure in (
            ("accuracy", _accuracy),
            ("precision", _precision),
            ("recall", _recall),
            ("f1", _f1),
        ):
            measures[f"{name}_{policy}"] = _at(threshold, measure)
    values = {name: float(measure(churned, scores)) for name, measure in measures.items()}
    generator = np.random.default_rng(SEED)
    drawn: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(RESAMPLES):
        rows = generator.integers(0, len(churned), len(churned))
        for name, measure in measures.items():
            drawn[name].append(float(measure(churned[rows], scores[rows])))
    return [
        {
            "metric": name,
            "value": round(values[name], 4),
            "interval": [round(float(end), 4) for end in np.percentile(drawn[name], (2.5, 97.5))],
        }
        for name in measures
    ]


def calibration(churned: np.ndarray, scores: np.ndarray, parts: int = 10) -> list[dict[str, Any]]:
    """Mean prediction and observed share in parts of equal size, lowest scores first."""
    order = np.argsort(scores, kind="stable")
    return [
        {
            "customers": len(part),
            "predicted": round(float(scores[part].mean()), 4),
            "observed": round(float(churned[part].mean()), 4),
        }
        for part in np.array_split(order, parts)
    ]


def fairness(
    groups: dict[str, np.ndarray], churned: np.ndarray, scores: np.ndarray, threshold: float
) -> list[dict[str, Any]]:
    """The same figures for each group of customers, at the default threshold.

    Args:
        groups: a mask over the customers by the group's name.
        churned: the outcomes.
        scores: the probabilities.
        threshold: of the decision.
    """
    rows = []
    for name, mask in groups.items():
        y, p = churned[mask], scores[mask]
        flagged = p >= threshold
        rows.append(
            {
                "group": name,
                "customers": int(mask.sum()),
                "churn_rate": _share(y.mean()),
                "mean_prediction": _share(p.mean()),
                "flagged": _share(flagged.mean()),
                "recall": _share(_recall(y, flagged)),
                "false_positive_rate": _share(flagged[~y].mean()),
                "precision": _share(_precision(y, flagged)),
                "roc_auc": _share(roc_auc_score(y, p)),
            }
        )
    return rows


def curve(churned: np.ndarray, scores: np.ndarray) -> list[dict[str, Any]]:
    """Precision, recall and share flagged at every twentieth of the threshold."""
    rows = []
    for threshold in np.arange(0.05, 0.951, 0.05):
        flagged = scores >= threshold
        rows.append(
            {
                "threshold": round(float(threshold), 2),
                "flagged": _share(flagged.mean()),
                "precision": _share(_precision(churned, flagged)) if flagged.any() else None,
                "recall": _share(_recall(churned, flagged)),
            }
        )
    return rows


def _share(value: float) -> float:
    return round(float(value), 4)


def _at(threshold: float, measure: Metric) -> Metric:
    return lambda churned, scores: measure(churned, scores >= threshold)


def _accuracy(churned: np.ndarray, flagged: np.ndarray) -> float:
    return float((churned == flagged).mean())


def _precision(churned: np.ndarray, flagged: np.ndarray) -> float:
    return float(churned[flagged].mean()) if flagged.any() else 0.0


def _recall(churned: np.ndarray, flagged: np.ndarray) -> float:
    return float(flagged[churned].mean()) if churned.any() else 0.0


def _f1(churned: np.ndarray, flagged: np.ndarray) -> float:
    together = churned.sum() + flagged.sum()
    return float(2 * (churned & flagged).sum() / together) if together else 0.0
