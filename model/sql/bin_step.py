"""The first step: it checks values against the contract and sorts them into bins."""

from __future__ import annotations

from model.bins import Bins
from model.features import Contract, Feature
from model.scorecard import Scorecard
from model.sql.dialect import Dialect, identifier, number, text
from model.sql.step import Step

TABLE = "c"
"""The table's name inside the query. Columns are written with it: SQLite takes a name in double
quotes that is no column for a text."""

FAULT = -1
"""In place of a bin, where the value breaks the contract."""


def column(name: str) -> str:
    """Return a column of the table."""
    return f"{TABLE}.{identifier(name)}"


def bins_of(scorecard: Scorecard, contract: Contract) -> list[tuple[str, Bins]]:
    """List how features are sorted into bins, in the contract's order.

    Pairs may sort a feature in another way than its own term. A feature without a term is sorted,
    too: it may be at fault, or unknown.
    """
    found = {
        (name, bins)
        for term in scorecard.terms
        for name, bins in zip(term.features, term.bins, strict=True)
    }
    named = {name for name, _ in found}
    found |= {(f.name, Bins(values=_values(f))) for f in contract.features if f.name not in named}
    names = contract.names
    return sorted(found, key=lambda pair: (names.index(pair[0]), repr(pair[1])))


def bin_step(
    scorecard: Scorecard, contract: Contract, dialect: Dialect, table: str, id_column: str
) -> Step:
    """Return the step; its columns are numbered as `bins_of` lists them."""
    columns = {"id": column(id_column)}
    for i, (name, bins) in enumerate(bins_of(scorecard, contract)):
        columns[f"b{i}"] = _bin(contract.by_name[name], bins, dialect)
    comment = f"The bin of each value, from 0; {FAULT} for one that breaks the contract."
    return Step("binned", comment, columns, source=f"{table} AS {TABLE}")


def _values(feature: Feature) -> tuple[str | bool, ...]:
    return (False, True) if feature.type == "boolean" else feature.values


def _bin(feature: Feature, bins: Bins, dialect: Dialect) -> str:
    given, allowed = column(feature.name), _values(feature)
    missing = FAULT if feature.required else bins.size - 1
    cases = [f"{given} IS NULL THEN {missing}"]
    if not dialect.typed:
        types = "'text'" if feature.type == "category" else "'integer', 'real'"
        cases.append(f"TYPEOF({given}) NOT IN ({types}) THEN {FAULT}")
    if allowed:
        if feature.type == "category":  # by its bytes, whatever the column says
            given = f"CAST({given} AS text)" if dialect.typed else f"{given} COLLATE BINARY"
        cases += [
            f"{given} = {_constant(known)} THEN {place}"
            for place, known in enumerate(bins.values)
            if known in allowed
        ]
        rest = str(FAULT)
    else:
        low, high = map(number, feature.range or ())
        # NaN is above every number where a database has it.
        cases.append(f"{given} NOT BETWEEN {low} AND {high} THEN {FAULT}")
        if feature.type == "integer":
            cases.append(f"{given} <> FLOOR({given}) THEN {FAULT}")
        rest = dialect.bucket(given, bins.edges)
    return " ".join(["CASE", *(f"WHEN {case}" for case in cases), "ELSE", rest, "END"])


def _constant(known: str | bool) -> str:
    return str(known).upper() if isinstance(known, bool) else text(known)
