"""Measures a model: metrics with intervals, calibration, fairness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from model.features import Contract, Feature
from model.training.quality_measures import Measure, at, false_rate, precision, recall, roc_auc
from model.training.training_data import SEED

RESAMPLES = 1000

Part = tuple[np.ndarray, np.ndarray]
"""Outcomes (booleans) and probabilities of the same customers."""


class RefusedError(ValueError):
    """The model is worse than allowed; each fault names a metric."""

    exit_status = 1

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def metric(name: str, measure: Measure, parts: Sequence[Part]) -> dict[str, Any]:
    """Measure one metric, as the mean over the parts, with its 95% bootstrap interval.

    The interval runs from the 2.5th to the 97.5th percentile of a thousand resamples of the
    customers of each part.
    """
    generator = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES):
        values = []
        for churned, scores in parts:
            rows = generator.integers(0, len(churned), len(churned))
            values.append(measure(churned[rows], scores[rows]))
        drawn.append(np.mean(values))
    return {
        "metric": name,
        "value": _figure(np.mean([measure(*part) for part in parts])),
        "interval": [_figure(end) for end in np.percentile(drawn, (2.5, 97.5))],
    }


def calibration(part: Part, groups: int = 10) -> list[dict[str, Any]]:
    """Return mean prediction and observed share of groups of equal size, lowest scores first."""
    churned, scores = part
    order = np.argsort(scores, kind="stable")
    return [
        {
            "customers": len(rows),
            "predicted": _figure(scores[rows].mean()),
            "observed": _figure(churned[rows].mean()),
        }
        for rows in np.array_split(order, groups)
    ]


def curve(part: Part, policies: Iterable[float]) -> list[dict[str, Any]]:
    """Return precision, recall and the share flagged at each hundredth and at the policies.

    Args:
        part: outcomes and probabilities.
        policies: their thresholds.
    """
    churned, scores = part
    rows = []
    for threshold in sorted({step / 100 for step in range(101)}.union(policies)):
        flagged = scores >= threshold
        rows.append(
            {
                "threshold": threshold,
                "flagged": _figure(flagged.mean()),
                "precision": _figure(precision(churned, flagged)) if flagged.any() else None,
                "recall": _figure(recall(churned, flagged)),
            }
        )
    return rows


def distributions(
    contract: Contract, factors: Sequence[str], features: pd.DataFrame, part: Part
) -> list[dict[str, Any]]:
    """Count the customers who stayed and who left in twenty equal ranges of the probability.

    Returns:
        All customers, then those of each group of `fairness`.
    """
    churned, scores = part
    everyone = [("All customers", np.ones(len(churned), dtype=bool))]
    return [
        {
            "group": name,
            "stayed": _histogram(scores[rows & ~churned]),
            "left": _histogram(scores[rows & churned]),
        }
        for name, rows in everyone + _groups(contract, factors, features, churned)
    ]


def _histogram(scores: np.ndarray) -> list[int]:
    return [int(count) for count in np.histogram(scores, bins=20, range=(0, 1))[0]]


def group_name(feature: Feature, value: Any) -> str:
    """Name the customers with one value of a feature, as `fairness` does."""
    word = value if isinstance(value, str) else "yes" if value else "no"
    return f"{feature.label}: {word}"


def _groups(
    contract: Contract, factors: Sequence[str], features: pd.DataFrame, churned: np.ndarray
) -> list[tuple[str, np.ndarray]]:
    """Return each group in which some left and some stayed: its name, and which rows it has."""
    groups = []
    for factor in factors:
        for value in contract.by_name[factor].values or (False, True):
            rows = (features[factor] == value).to_numpy()
            if 0 < churned[rows].sum() < rows.sum():
                groups.append((group_name(contract.by_name[factor], value), rows))
    return groups


def fairness(
    contract: Contract, factors: Sequence[str], features: pd.DataFrame, part: Part, threshold: float
) -> list[dict[str, Any]]:
    """Measure the customers with each value of each factor, at one threshold.

    Args:
        contract: the features' labels.
        factors: names of features of type boolean or category.
        features: the customers', in the order of `part`.
        part: outcomes and probabilities.
        threshold: at or above which a customer is flagged.
    """
    churned, scores = part
    at_threshold = {"recall": recall, "precision": precision, "false_positive_rate": false_rate}
    groups = []
    for name, rows in _groups(contract, factors, features, churned):
        inside = [(churned[rows], scores[rows])]
        groups.append(
            {
                "group": name,
                "customers": int(rows.sum()),
                "churn_rate": _figure(churned[rows].mean()),
                "mean_prediction": _figure(scores[rows].mean()),
                "flagged": _figure((scores[rows] >= threshold).mean()),
                "metrics": [
                    metric("roc_auc", roc_auc, inside),
                    *(metric(n, at(threshold, m), inside) for n, m in at_threshold.items()),
                ],
            }
        )
    return groups


def _figure(value: Any) -> float:
    return round(float(value), 4)
