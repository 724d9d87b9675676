"""Sorts values into bins, which are fitted on training rows alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.features import Contract, Feature
from model.scorecard import Bins

MAX_BINS = 32


def fit_bins(contract: Contract, features: pd.DataFrame) -> tuple[Bins, ...]:
    """Fit the bins of each feature to these rows, in the contract's order."""
    return tuple(_fit(feature, features[feature.name]) for feature in contract.features)


def encode(bins: tuple[Bins, ...], features: pd.DataFrame) -> np.ndarray:
    """Return bin numbers as floats, shape (rows, features); NaN where the value is missing."""
    columns = [_encode(b, features.iloc[:, i]) for i, b in enumerate(bins)]
    return np.column_stack(columns)


def _fit(feature: Feature, column: pd.Series) -> Bins:
    if feature.type == "category":
        return Bins(values=feature.values)
    if feature.type == "boolean":
        return Bins(values=(False, True))
    present = np.sort(column.dropna().to_numpy())
    distinct = np.unique(present)
    if len(distinct) > MAX_BINS:
        # The value at each quantile ends its bin; equal values share one edge.
        last = present[(np.arange(1, MAX_BINS) * len(present)) // MAX_BINS - 1]
        ends = np.unique(last)
        ends = ends[ends < distinct[-1]]
    else:
        ends = distinct[:-1]
    following = distinct[np.searchsorted(distinct, ends, side="right")]
    edges = np.unique(np.round((ends + following) / 2, 6))
    return Bins(edges=tuple(float(edge) for edge in edges))


def _encode(bins: Bins, column: pd.Series) -> np.ndarray:
    if bins.values:
        table = {value: float(i) for i, value in enumerate(bins.values)}
        return np.array([np.nan if v is None else table[v] for v in column], dtype=float)
    values = column.to_numpy(dtype=float)
    codes: np.ndarray = np.searchsorted(np.asarray(bins.edges), values, side="right").astype(float)
    codes[np.isnan(values)] = np.nan
    return codes
