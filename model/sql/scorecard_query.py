"""Writes a scorecard as one query, whose rows are what `POST /predict` answers.

The query is a chain of steps. Each is stored before the next begins: a database that put one into
the other would compute an expression again wherever its name stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from model.features import Contract
from model.ranked_points import RankedPoints, flat
from model.scorecard import Scorecard, Term
from model.sql import contract_checks, inference_steps
from model.sql.bin_step import bin_step, bins_of
from model.sql.dialect import Dialect, identifier, number, table_name, text
from model.sql.step import Step, chained, listed

REASONS = 5
"""As many as `POST /predict` gives unless asked for others."""

MOST_LOG_ODDS = 700
"""PostgreSQL refuses to compute exp(-750); from here on the probability is 0 or 1."""


def scorecard_query(
    scorecard: Scorecard, contract: Contract, dialect: Dialect, table: str, id_column: str
) -> str:
    """Write the query.

    Args:
        scorecard: of the release.
        contract: its contract; the table has a column for each feature.
        dialect: of the database.
        table: the customers' table, or a schema, a point and a table.
        id_column: its column that is repeated in the result.

    Raises:
        ValueError: a name or a value cannot be written in SQL.
    """
    source = f"{table_name(table)} AS {contract_checks.TABLE}"
    ranked = RankedPoints(scorecard.terms, contract)
    steps = [
        _checked(contract, dialect, source, id_column),
        bin_step(scorecard, contract),
        _looked_up(scorecard, contract, ranked, dialect),
    ]
    places = tuple(f"n{i}" for i in range(len(scorecard.terms)))
    if scorecard.factors:
        steps += inference_steps.steps(scorecard.factors, dialect, places)
        odds = {"probability": "log_odds", "low": "low_odds", "high": "high_odds"}
        scores = {name: _logistic(log_odds, dialect) for name, log_odds in odds.items()}
    else:
        chance = _logistic("known", dialect)
        scores = {"probability": chance}
        scores |= dict.fromkeys(("low", "high"), f"CASE WHEN unknown = '' THEN {chance} END")
    first = {"r1": f"CASE WHEN faults = '' THEN {dialect.smallest(places)} END"}
    steps.append(Step("scored", "Probabilities and the strongest reason.", scores | first, places))
    kept, last = (*scores, *places), len(ranked.cells)
    for rank in range(2, REASONS + 1):
        kept, before = (*kept, f"r{rank - 1}"), f"r{rank - 1}"
        left = [f"CASE WHEN {place} > {before} THEN {place} ELSE {last} END" for place in places]
        found = {f"r{rank}": dialect.smallest(left)}
        steps.append(Step(f"reason{rank}", f"The first place after {before}.", found, kept))
    return "\n".join(
        [
            "WITH",
            _cells(scorecard.terms, ranked, dialect),
            chained(steps, dialect),
            _result(scorecard, id_column, steps[-1].name),
        ]
    )


def _cells(terms: Sequence[Term], ranked: RankedPoints, dialect: Dialect) -> str:
    """Return the table of all points but zero, the largest first: a cell's place is its rank."""
    rows = [
        f"    ({place}, {text(' x '.join(terms[cell.term].features))}, "
        f"CAST({number(cell.points)} AS {dialect.double}))"
        for place, cell in enumerate(ranked.cells[: ranked.above_zero])
    ]
    listing = ",\n".join(rows or ["    (0, NULL, NULL)"])
    return (
        f"cells (place, reason, effect) {dialect.step} (\n"
        f"  -- All points, the largest first; their place ranks reasons.\n  VALUES\n{listing}\n),"
    )


def _checked(contract: Contract, dialect: Dialect, source: str, id_column: str) -> Step:
    faults = [contract_checks.fault(feature, dialect) for feature in contract.features]
    columns = {
        "id": contract_checks.column(id_column),
        "faults": "\n      || ".join(faults),
        "unknown": "''",
    }
    for i, feature in enumerate(contract.features):
        columns[f"v{i}"] = contract_checks.value(feature, dialect)
    comment = "Values that keep the contract; `faults` names the others."
    return Step("checked", comment, columns, source=source)


def _looked_up(
    scorecard: Scorecard, contract: Contract, ranked: RankedPoints, dialect: Dialect
) -> Step:
    column = {pair: f"b{i}" for i, pair in enumerate(bins_of(scorecard, contract))}
    place_of = {cell[:2]: place for place, cell in enumerate(ranked.cells)}
    columns, points = {}, []
    for i, term in enumerate(scorecard.terms):
        cell = ""
        for name, bins in zip(term.features, term.bins, strict=True):
            one = column[name, bins]
            cell = f"({cell} * {bins.size} + {one})" if cell else one
        row = [float(entry) for entry in flat(term.points)]
        columns[f"n{i}"] = dialect.pick(cell, [place_of[i, at] for at in range(len(row))])
        points.append(dialect.pick(cell, row))
    columns["known"] = f"{number(scorecard.intercept)}\n      + ({listed(points, ' + ')})"
    if scorecard.factors:
        columns |= inference_steps.evidence(scorecard.factors, column, dialect)
        unknown = inference_steps.unknown_bins(scorecard.factors)
    else:
        first = dict(reversed(column))
        unknown = {(name, first[name]): [first[name].size - 1] for name in contract.names}
    names = [
        f"CASE WHEN {column[pair]} IN ({', '.join(map(str, bins))}) "
        f"THEN {text(',' + pair[0])} ELSE '' END"
        for pair, bins in unknown.items()
        if bins
    ]
    joined = listed(names, " || ") if names else "''"
    columns["unknown"] = f"CASE WHEN faults = '' THEN {joined} END"
    comment = "Place and points of each term, and which features are unknown."
    return Step("looked_up", comment, columns)


def _logistic(log_odds: str, dialect: Dialect) -> str:
    """Return the probability, NULL where a value is at fault."""
    limit = number(MOST_LOG_ODDS)
    below = f"EXP({dialect.greatest}({log_odds}, -{limit}))"
    above = f"EXP(-{dialect.least}({log_odds}, {limit}))"
    return (
        f"CASE WHEN faults <> '' THEN NULL WHEN {log_odds} >= 0 THEN 1e0 / (1e0 + {above}) "
        f"ELSE {below} / (1e0 + {below}) END"
    )


def _result(scorecard: Scorecard, id_column: str, source: str) -> str:
    columns = {id_column: "id", **{name: name for name in ("probability", "low", "high")}}
    for policy, threshold in scorecard.policies.items():
        columns[f"decision_{policy}"] = (
            f"CASE WHEN probability >= {number(threshold)} THEN 'churn' "
            "WHEN probability IS NOT NULL THEN 'no_churn' END"
        )
    for rank in range(1, REASONS + 1):
        columns[f"reason_{rank}"] = f"c{rank}.reason"
        columns[f"effect_{rank}"] = f"c{rank}.effect"
    columns["unknown"] = "SUBSTR(unknown, 2)"
    columns["faults"] = "NULLIF(SUBSTR(faults, 2), '')"
    lines = ",\n".join(f"  {what} AS {identifier(name)}" for name, what in columns.items())
    joins = "\n".join(
        f"LEFT JOIN cells AS c{rank} ON c{rank}.place = r{rank}" for rank in range(1, REASONS + 1)
    )
    return f"SELECT\n{lines}\nFROM {source}\n{joins};"
