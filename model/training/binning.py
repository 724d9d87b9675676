"""Sorts values into bins, which are fitted on training rows alone."""

from __future__ import annotations

from itertools import pairwise
from math import floor

import numpy as np
import pandas as pd

from model.bins import Bins
from model.features import Contract, Feature

MAX_BINS = 32
FEWEST_IN_BIN = 20
"""Training rows of every bin; a rarer text or yes or no counts as not known."""

FEWEST_MISSING = 50
"""Training rows without a value, from which missing can have a bin of its own."""


def fit_bins(contract: Contract, features: pd.DataFrame, most: int = MAX_BINS) -> tuple[Bins, ...]:
    """Fit the bins of each feature to these rows, in the contract's order.

    Args:
        contract: the features.
        features: the customers', as in `TrainingData`.
        most: bins of a number.
    """
    return tuple(_fit(feature, features[feature.name], most) for feature in contract.features)


def encode(bins: tuple[Bins, ...], features: pd.DataFrame) -> np.ndarray:
    """Return bin numbers as floats, shape (rows, features); NaN where the value is missing."""
    columns = [_encode(b, features.iloc[:, i]) for i, b in enumerate(bins)]
    return np.column_stack(columns)


def known_bins(
    contract: Contract, bins: tuple[Bins, ...], counts: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, ...]:
    """Say for each bin of each feature whether a customer in it counts as known.

    Args:
        contract: may say of a feature that a missing value is always unknown.
        bins: of each feature.
        counts: training rows in each bin, the last for missing.

    Returns:
        For each feature booleans over its bins.
    """
    known = []
    for feature, b, rows in zip(contract.features, bins, counts, strict=True):
        enough = rows >= (FEWEST_IN_BIN if b.values else 0)
        enough[-1] = rows[-1] >= FEWEST_MISSING and feature.when_missing != "unknown"
        known.append(enough)
    return tuple(known)


def roundest(low: float, high: float) -> float:
    """Return the number with the fewest digits that is above `low` and at most `high`.

    Of several, the one nearest to the middle.
    """
    for decimals in range(-15, 16):
        step = 10.0**-decimals
        first, last = floor(low / step) + 1, floor(high / step)
        if first <= last:
            nearest = min(max(round((low + high) / 2 / step), first), last)
            found = round(nearest * step, max(decimals, 0))
            if low < found <= high:
                return found
    return high


def _fit(feature: Feature, column: pd.Series, most: int) -> Bins:
    if feature.type == "category":
        return Bins(values=feature.values)
    if feature.type == "boolean":
        return Bins(values=(False, True))
    present = np.sort(column.dropna().to_numpy(dtype=float))
    distinct = np.unique(present)
    if len(distinct) > most:
        # Each edge is the roundest number within a quarter of a bin of its quantile.
        share = len(present) / most
        at = np.arange(1, most)[:, None] * share + np.array([-share, share]) / 4
        ends = present[np.clip(at, 0, len(present) - 1).astype(int)]
    else:
        ends = np.array(list(pairwise(distinct))).reshape(-1, 2)
    edges: list[float] = []
    for low, high in ends:
        following = distinct[np.searchsorted(distinct, low, side="right") :][:1]
        if not len(following):
            break
        edge = roundest(low, following[0] if low == high else high)
        below = np.searchsorted(present, [edges[-1] if edges else -np.inf, edge])
        if min(below[1] - below[0], len(present) - below[1]) >= FEWEST_IN_BIN:
            edges.append(edge)
    return Bins(edges=tuple(edges))


def _encode(bins: Bins, column: pd.Series) -> np.ndarray:
    if bins.values:
        table = {value: float(i) for i, value in enumerate(bins.values)}
        return np.array([np.nan if v is None else table[v] for v in column], dtype=float)
    values = column.to_numpy(dtype=float)
    codes: np.ndarray = np.searchsorted(np.asarray(bins.edges), values, side="right").astype(float)
    codes[np.isnan(values)] = np.nan
    return codes
