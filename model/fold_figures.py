"""What the folds of a cross-validation say together; the same arithmetic writes and checks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Any

DECIMALS = 6
"""Of every figure."""

FOLDS = 5

T_OF_FIVE_FOLDS = 2.7764451051977987
"""Standard errors on each side of the mean of five folds that hold 95 of 100 (Student's t)."""


def over_folds(folds: Sequence[float]) -> dict[str, Any]:
    """Return the mean of a measure over the folds, its 95% interval, and the folds themselves."""
    mean, half = fmean(folds), T_OF_FIVE_FOLDS * _standard_error(folds)
    return {
        "mean": _rounded(mean),
        "interval": [_rounded(mean - half), _rounded(mean + half)],
        "folds": [_rounded(value) for value in folds],
    }


def difference(losses: Sequence[float], best: Sequence[float]) -> dict[str, float]:
    """Return by how much the log loss is above the best one's: mean over the same folds."""
    gaps = [one - other for one, other in zip(losses, best, strict=True)]
    return {"mean": _rounded(fmean(gaps)), "standard_error": _rounded(_standard_error(gaps))}


def compare(losses: Mapping[str, Sequence[float]]) -> tuple[str, str]:
    """Return the variant with the lowest mean log loss, and the simplest that it doesn't beat.

    A difference counts if its mean exceeds its standard error (Hastie et al., The Elements of
    Statistical Learning, 7.10): the rule by which training chooses, too.

    Args:
        losses: of each variant on the folds, the simplest variant first.
    """
    best = min(losses, key=lambda name: fmean(losses[name]))
    for name, folds in losses.items():
        found = difference(folds, losses[best])
        if found["mean"] <= found["standard_error"]:
            return best, name
    return best, best


def _standard_error(values: Sequence[float]) -> float:
    return stdev(values) / sqrt(len(values))


def _rounded(value: float) -> float:
    return round(value, DECIMALS) + 0.0  # no -0.0
