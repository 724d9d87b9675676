"""What changed from one scorecard to another: terms, their bins and points."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product
from math import ceil, inf, nextafter
from typing import Any, TypeAlias

from model.bins import Bins
from model.scorecard import Scorecard, Term

ADDED, REMOVED, BINS, POINTS = "added", "removed", "bins", "points"
"""How a term changed: it is new or gone, or has other bins, or other points in the same bins."""


@dataclass(frozen=True)
class Place:
    """Values of one feature that both scorecards sort into one bin.

    Attributes:
        feature: its name.
        value: of a feature with bins for values; None for an unknown one.
        low: of numbers, the least; None without one.
        below: of numbers, the end, which isn't one of them; None without one.
        is_range: whether it is a range of numbers.
    """

    feature: str
    value: Any = None
    low: float | None = None
    below: float | None = None
    is_range: bool = False

    @property
    def example(self) -> Any:
        """One of the values."""
        if not self.is_range or self.low is not None:
            return self.low if self.is_range else self.value
        return 0.0 if self.below is None else nextafter(self.below, -inf)


Values: TypeAlias = Callable[[str, Sequence[Bins]], list[Place]]
"""From a feature and its bins in each scorecard to the values that these sort alike."""


@dataclass(frozen=True)
class TermChange:
    """How one term changed.

    Attributes:
        name: of its features.
        kind: one of the kinds above.
        place: where its points changed most; empty if the two can't be compared.
        before: log-odds there, 0 of a new term.
        after: log-odds there, 0 of one that is gone.
    """

    name: str
    kind: str
    place: tuple[Place, ...]
    before: float
    after: float

    @property
    def effect(self) -> float:
        """The difference in log-odds."""
        return self.after - self.before


def _infer_alike(before: Scorecard, after: Scorecard) -> bool:
    """Whether an unknown feature means the same: points of its own, or what others suggest."""
    return (before.factors is None) == (after.factors is None)


def term_changes(
    before: Scorecard, after: Scorecard, whole: Container[str] = ()
) -> list[TermChange]:
    """Return the terms that changed, the largest difference of points first.

    Points for an unknown value are compared only where they mean the same in both.

    Args:
        before: the first scorecard.
        after: the second.
        whole: features with whole numbers only: between 71.5 and 72 is none.
    """
    values = partial(_values, whole=whole, unknown=_infer_alike(before, after))
    one, other = ({_name(t): t for t in s.terms} for s in (before, after))
    found = [
        change
        for name in {**one, **other}
        if (change := _change(name, one.get(name), other.get(name), values))
    ]
    return sorted(found, key=lambda change: (-abs(change.effect), change.name))


def _name(term: Term) -> str:
    return " x ".join(term.features)


def _change(name: str, one: Term | None, other: Term | None, values: Values) -> TermChange | None:
    there = [term for term in (one, other) if term]
    same_bins = len(there) == 2 and there[0].bins == there[1].bins
    if one and other and same_bins and one.points == other.points:
        return None
    kind = POINTS if same_bins else BINS if one and other else REMOVED if one else ADDED
    most = TermChange(name, kind, (), 0.0, 0.0)
    for place in _places(there, values):
        get = {part.feature: part.example for part in place}.get
        try:
            points = [term.effect(get) if term else 0.0 for term in (one, other)]
        except KeyError:  # a value that only one of them has
            continue
        found = TermChange(name, kind, place, *points)
        if not most.place or abs(found.effect) > abs(most.effect):
            most = found
    return None if kind == POINTS and not most.effect else most


def _places(terms: Sequence[Term], values: Values) -> Iterator[tuple[Place, ...]]:
    """Yield every combination of values that the terms sort alike; none if they can't be."""
    columns = list(zip(*(term.bins for term in terms), strict=True))
    if any(len({bool(bins.values) for bins in column}) > 1 for column in columns):
        return
    names = terms[0].features
    yield from product(*(values(n, c) for n, c in zip(names, columns, strict=True)))


def _values(
    name: str, bins: Sequence[Bins], *, whole: Container[str], unknown: bool
) -> list[Place]:
    edges = {edge for each in bins for edge in each.edges}
    values = dict.fromkeys(value for each in bins for value in each.values)
    if name in whole:
        edges = set(map(ceil, edges))
    if values:
        places = [Place(name, value) for value in values]
    else:
        ends = pairwise([None, *sorted(edges), None])
        places = [Place(name, low=low, below=below, is_range=True) for low, below in ends]
    return [*places, Place(name)] if unknown else places
