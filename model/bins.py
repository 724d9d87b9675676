"""How the values of one feature are sorted into bins."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Bins:
    """How the values of one feature are sorted into bins.

    Either `edges`, ascending: bin i has edges[i-1] <= value < edges[i]; or `values`, one bin
    each. The last bin is for an unknown value.
    """

    edges: tuple[float, ...] = ()
    values: tuple[Any, ...] = ()

    @property
    def size(self) -> int:
        """The number of bins, including the one for an unknown value."""
        return len(self.values) + 1 if self.values else len(self.edges) + 2

    def indexer(self) -> Callable[[Any], int]:
        """Return a function from a value, already checked against the contract, to its bin."""
        if self.values:
            table: dict[Any, int] = {value: i for i, value in enumerate(self.values)}
            table[None] = len(self.values)
            return table.__getitem__
        edges, missing = self.edges, len(self.edges) + 1
        return lambda value: missing if value is None else bisect_right(edges, value)

    def known_indexer(self) -> Callable[[Any], int]:
        """Return a faster function for known values; it may raise TypeError for None."""
        return partial(bisect_right, self.edges) if self.edges else self.indexer()
