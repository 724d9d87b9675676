"""The step that sorts values into bins."""

from __future__ import annotations

from model.bins import Bins
from model.features import Contract
from model.scorecard import Scorecard
from model.sql.dialect import number, text
from model.sql.step import Step


def bins_of(scorecard: Scorecard, contract: Contract) -> list[tuple[str, Bins]]:
    """List how features are sorted into bins; pairs may sort them in another way.

    A feature without a term has a bin for unknown, all the same.
    """
    found = {
        (name, bins)
        for term in scorecard.terms
        for name, bins in zip(term.features, term.bins, strict=True)
    }
    named = {name for name, _ in found}
    rest = {(f.name, Bins()) for f in contract.features if f.name not in named}
    names = contract.names
    return sorted(found | rest, key=lambda pair: (names.index(pair[0]), repr(pair[1])))


def bin_step(scorecard: Scorecard, contract: Contract) -> Step:
    """Return the step; its columns are numbered as `bins_of` lists them."""
    numbers = {name: i for i, name in enumerate(contract.names)}
    columns = {}
    for i, (name, bins) in enumerate(bins_of(scorecard, contract)):
        columns[f"b{i}"] = _bin(f"v{numbers[name]}", bins)
    return Step("binned", "The bin of each value, from 0; the last is for a missing one.", columns)


def _bin(value: str, bins: Bins) -> str:
    if bins.values:
        cases = [f"WHEN {_constant(known)} THEN {place}" for place, known in enumerate(bins.values)]
        return f"CASE {value} {' '.join(cases)} ELSE {len(bins.values)} END"
    missing = len(bins.edges) + 1
    cases = [f"WHEN {value} < {number(edge)} THEN {place}" for place, edge in enumerate(bins.edges)]
    return " ".join(
        [f"CASE WHEN {value} IS NULL THEN {missing}", *cases, f"ELSE {len(bins.edges)} END"]
    )


def _constant(known: str | bool) -> str:
    return str(known).upper() if isinstance(known, bool) else text(known)
