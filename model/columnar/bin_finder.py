"""Sorts the values of one feature into bins, many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.bins import Bins
from model.columnar.coded_columns import CODE, listed_values
from model.features import Feature

Places: TypeAlias = NDArray[np.intp]
"""Of bins, cells or rows: the type that numpy looks up with fastest."""

Bin: TypeAlias = NDArray[np.signedinteger[Any]]
"""Bins, in an integer type that may be small: arithmetic with it takes less time."""

Find: TypeAlias = Callable[[NDArray[Any]], Bin]

MOST_CELLS = 1 << 14
"""Of a grid: its two tables fit the processor's nearest caches."""

CELLS_FOR_GAP = 1.1
"""Widths of a cell in the narrowest gap between two edges: no cell has two."""


def bin_finder(feature: Feature, bins: Bins) -> Find:
    """Return a function from a feature's coded column to the bin of each value."""
    if bins.values:
        return _by_place([bins.values.index(value) for value in listed_values(feature)], bins.size)
    edges = np.array(bins.edges, float)
    if len(edges) > 1:
        with np.errstate(over="ignore"):
            scale = CELLS_FOR_GAP / np.diff(edges).min()
            cells = (edges[-1] - edges[0]) * scale
        if cells <= MOST_CELLS:
            return _by_grid(edges, scale)
    return _by_search(edges)


def _by_place(bins: list[int], size: int) -> Find:
    table = np.array([*bins, size - 1], CODE)
    if np.array_equal(table, np.arange(len(table))):
        return lambda places: places
    return table.take


def _by_search(edges: NDArray[np.float64]) -> Find:
    def find(values: NDArray[np.float64]) -> Bin:
        bins = np.searchsorted(edges, values, side="right")
        bins[np.isnan(values)] = len(edges) + 1
        return bins

    return find


def _by_grid(edges: NDArray[np.float64], scale: float) -> Find:
    """Look up a value's cell of an even grid, which has one edge at most.

    The cell never falls as the value rises. So edges of lower cells are below the value, and the
    cell's own edge is compared with the value itself.
    """
    low, high = edges[0], edges[-1]
    number = int((high - low) * scale) + 2
    at = ((edges - low) * scale).astype(np.intp)
    edge = np.full(number, np.inf)
    edge[at] = edges
    below = np.searchsorted(at, np.arange(number), side="left").astype(CODE)
    below[-1] = len(edges) + 1  # the last cell is for NaN

    def find(values: NDArray[np.float64]) -> Bin:
        place = np.clip(values, low, high)
        place -= low
        place *= scale
        np.fmin(place, number - 1, out=place)  # of NaN and a number it takes the number
        cells = place.astype(np.intp)
        bins = below.take(cells)
        bins += values >= edge.take(cells)
        return bins

    return find
