"""All points of a scorecard in one list, the largest first, and the way from a customer to them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

from model.bins import Bins
from model.features import Contract, Feature, Value
from model.scorecard import Term

Find = Callable[[Mapping[str, Value]], tuple[list[int], float, bool]]


class Cell(NamedTuple):
    """A bin of a term; its place in the list stands for it.

    Attributes:
        term: its number.
        bin: its number; in a pair, bins of the second feature are counted first.
        points: in log-odds.
    """

    term: int
    bin: int
    points: float


class RankedPoints:
    """The cells of some terms, the largest points first, whatever their sign.

    A customer has one cell of each term. To sort their places, small integers, takes half as long
    as to sort the effects by size, and tells whose they are.

    Attributes:
        cells: equal ones in the order of the terms.
        points: of each cell.
        above_zero: how many cells have points other than 0; they come first.
        find: a function from a customer, every feature given or None, to the places of the
            customer's cells, the sum of their points, and whether every feature is known.
    """

    def __init__(self, terms: Sequence[Term], contract: Contract) -> None:
        cells = [
            Cell(number, bin_number, points)
            for number, term in enumerate(terms)
            for bin_number, points in enumerate(flat(term.points))
        ]
        self.cells = sorted(cells, key=lambda cell: (-abs(cell.points), cell.term))
        self.points = [cell.points for cell in self.cells]
        self.above_zero = sum(map(bool, self.points))
        place = {cell[:2]: place for place, cell in enumerate(self.cells)}
        self.find = _finder(
            terms, contract, iter([(place[cell[:2]], cell.points) for cell in cells])
        )


def flat(points: Any) -> Iterator[float]:
    """Yield the numbers of a term's points, in the order of the bins."""
    for entry in points:
        yield from flat(entry) if isinstance(entry, list) else (entry,)


def _finder(terms: Sequence[Term], contract: Contract, cells: Iterator[tuple[int, float]]) -> Find:
    """Make `find` as one function out of the terms; it takes half as long as a call for each.

    Args:
        terms: their features and bins.
        contract: names of all features.
        cells: place and points of each cell, in the order of the terms.
    """
    variables = {name: f"v{number}" for number, name in enumerate(contract.names)}
    scope: dict[str, Any] = {"bisect": bisect_right}
    lines = ["def find(features):"]
    lines += [f" {v} = features[{name!r}]" for name, v in variables.items()]
    for number, term in enumerate(terms):
        scope[f"table{number}"] = _table(term.points, term.bins, cells)
        index = ""
        for name, bins in zip(term.features, term.bins, strict=True):
            v = variables[name]
            if bins.values:
                index += f"[{v}]"
            else:
                scope[f"edges{number}{v}"] = _edges(bins, contract.by_name[name])
                index += f"[-1 if {v} is None else bisect(edges{number}{v}, {v})]"
        lines.append(f" place{number}, points{number} = table{number}{index}")
    places = ", ".join(f"place{number}" for number in range(len(terms)))
    points = ", ".join(f"points{number}" for number in range(len(terms)))
    unknown = " or ".join(f"{v} is None" for v in variables.values())
    lines.append(f" return [{places}], sum([{points}]), not ({unknown})")
    exec("\n".join(lines), scope)  # noqa: S102 - numbered variables; names are quoted
    find: Find = scope["find"]
    return find


def _table(points: Any, bins: Sequence[Bins], cells: Iterator[tuple[int, float]]) -> Any:
    """Return the next cells in the shape of `points`: by value, or by the number of the bin."""
    if not bins:
        return next(cells)
    below = [_table(entry, bins[1:], cells) for entry in points]
    values = bins[0].values
    return dict(zip((*values, None), below, strict=True)) if values else below


def _edges(bins: Bins, feature: Feature) -> Sequence[float]:
    """Return edges that sort a feature's values alike, and fast.

    Python compares two integers in half the time that an integer and a float take.
    """
    return [*map(ceil, bins.edges)] if feature.type == "integer" else bins.edges
