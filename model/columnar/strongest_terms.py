"""Finds the strongest terms of many customers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.columnar.coded_columns import CodedColumns
from model.columnar.joint_bins import JointBins
from model.features import Contract
from model.ranked_points import RankedPoints, flat
from model.scorecard import Term

Ranks = NDArray[Any]
"""Places in the list of all points, the largest first."""


class StrongestTerms:
    """Finds the places of customers' largest points in the list of all of them.

    Args:
        terms: those that have points.
        contract: of the features.
    """

    def __init__(self, terms: Sequence[Term], contract: Contract) -> None:
        self.ranked = RankedPoints(terms, contract)
        self.none = self.ranked.above_zero
        """Stands for no reason, where a customer has fewer."""
        kind = np.uint16 if self.none < np.iinfo(np.uint16).max else np.uint32
        ranks = [np.full(sum(1 for _ in flat(term.points)), self.none, kind) for term in terms]
        for place, cell in enumerate(self.ranked.cells[: self.none]):
            ranks[cell.term][cell.bin] = place
        self._joint = JointBins(terms, contract)
        cells = [[ranks[number][cell] for number, cell in table] for table in self._joint.cells()]

        @cache
        def tables(most: int) -> list[list[Ranks]]:
            """Return the smallest ranks of each joint table's places, in order."""
            return [_smallest([[one] for one in table], most) for table in cells]

        self._tables = tables

    def of(self, features: CodedColumns, most: int) -> list[Ranks]:
        """Return the smallest ranks of each customer, in order; `none` where there are fewer.

        Args:
            features: of the customers.
            most: how many; no more than there are terms are returned.
        """
        found = zip(self._tables(most), self._joint.of(features), strict=True)
        return _smallest([[rank.take(place) for rank in ranks] for ranks, place in found], most)


def _smallest(lists: Sequence[Sequence[Ranks]], most: int) -> list[Ranks]:
    """Merge lists, each in order, of one rank a customer."""
    best: list[Ranks] = []
    for ranks in lists:
        for number, found in enumerate(ranks):
            rank = found
            for at in range(number, len(best)):  # `number` smaller ones are before it
                best[at], rank = np.minimum(best[at], rank), np.maximum(best[at], rank)
            if len(best) < most:
                best.append(rank)
    return best
