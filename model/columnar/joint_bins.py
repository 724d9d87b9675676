"""The bins of several terms as one place: one look-up in a table adds up the points of them all."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.bins import Bins
from model.columnar.bin_finder import Places, bin_finder
from model.columnar.coded_columns import CODE, CodedColumns
from model.features import Contract
from model.scorecard import Term

MOST_CELLS = 1 << 12
"""Of a table, unless one term has more: its numbers fit the processor's nearest cache."""

Axis: TypeAlias = tuple[str, Bins]


class JointBins:
    """Finds the place of each customer in a few tables.

    Args:
        terms: of a scorecard.
        contract: of the features.
    """

    def __init__(self, terms: Sequence[Term], contract: Contract) -> None:
        self._groups: list[list[Axis]] = []
        self._terms: list[list[tuple[int, list[Axis]]]] = []
        for number, term in enumerate(terms):
            self._place(number, [*zip(term.features, term.bins, strict=True)])
        axes = {axis for group in self._groups for axis in group}
        self._finders = {axis: bin_finder(contract.by_name[axis[0]], axis[1]) for axis in axes}

    def _place(self, number: int, axes: list[Axis]) -> None:
        for group, terms in zip(self._groups, self._terms, strict=True):
            new = [axis for axis in axes if axis not in group]
            if _size([*group, *new]) <= MOST_CELLS:
                group.extend(new)
                terms.append((number, axes))
                return
        self._groups.append(axes[:])
        self._terms.append([(number, axes)])

    def of(self, features: CodedColumns) -> list[Places]:
        """Return the places of customers in each table."""
        bins = {axis: find(features[axis[0]]) for axis, find in self._finders.items()}
        places = []
        for group in self._groups:
            kind = CODE if _size(group) <= np.iinfo(CODE).max else np.intp
            place: NDArray[Any] = np.zeros(1, kind)
            for axis in group:
                place = place * kind(axis[1].size) + bins[axis]
            places.append(place.astype(np.intp))
        return places

    def cells(self) -> list[list[tuple[int, Places]]]:
        """Return, for each table, the numbers of its terms, and the bin of each at every place."""
        tables = []
        for group, terms in zip(self._groups, self._terms, strict=True):
            sizes = [bins.size for _, bins in group]
            bins = dict(zip(group, np.unravel_index(np.arange(prod(sizes)), sizes), strict=True))
            table = []
            for number, axes in terms:
                cell = bins[axes[0]]
                for axis in axes[1:]:
                    cell = cell * axis[1].size + bins[axis]
                table.append((number, cell))
            tables.append(table)
        return tables


def _size(axes: Sequence[Axis]) -> int:
    return prod(bins.size for _, bins in axes)
