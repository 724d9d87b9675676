"""Finds the strongest terms of many customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.columnar.bin_finder import Places
from model.ranked_points import RankedPoints


class StrongestTerms:
    """Finds the places of customers' largest points in the list of all of them.

    Args:
        ranked: the cells of some terms.
        sizes: how many cells each term has.
    """

    def __init__(self, ranked: RankedPoints, sizes: Sequence[int]) -> None:
        self.none = ranked.above_zero
        """Stands for no reason, where a customer has fewer."""
        kind = np.uint16 if self.none < np.iinfo(np.uint16).max else np.uint32
        self._ranks = [np.full(size, self.none, kind) for size in sizes]
        for place, cell in enumerate(ranked.cells[: self.none]):
            self._ranks[cell.term][cell.bin] = place

    def of(self, bins: Sequence[Places], most: int) -> list[NDArray[Any]]:
        """Return the smallest places of each customer, in order; `none` where there are fewer.

        Args:
            bins: of each customer, by term.
            most: how many; no more than there are terms are returned.
        """
        best: list[NDArray[Any]] = []
        for ranks, place in zip(self._ranks, bins, strict=True):
            found = ranks.take(place)
            for at, better in enumerate(best):
                best[at], found = np.minimum(better, found), np.maximum(better, found)
            if len(best) < most:
                best.append(found)
        return best
