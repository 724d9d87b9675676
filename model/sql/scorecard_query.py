"""Writes a scorecard as one query, whose rows are what `POST /predict` answers.

The query is a chain of steps. Each is stored before the next begins: a database that put one into
the other would compute an expression again wherever its name stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from model.bins import Bins
from model.features import Contract
from model.ranked_points import RankedPoints, flat
from model.scorecard import Scorecard, Term
from model.sql import inference_steps
from model.sql.bin_step import FAULT, bin_step, bins_of
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
    ranked = RankedPoints(scorecard.terms, contract)
    if scorecard.factors:
        steps = inference_steps.steps(scorecard.factors, dialect)
        odds = {"probability": "log_odds", "low": "low_odds", "high": "high_odds"}
        scores = {name: _logistic(log_odds, dialect) for name, log_odds in odds.items()}
    else:
        steps, chance = [], _logistic("known", dialect)
        scores = {"probability": chance}
        scores |= dict.fromkeys(("low", "high"), f"CASE WHEN unknown = '' THEN {chance} END")
    steps = [
        bin_step(scorecard, contract, dialect, table_name(table), id_column),
        _looked_up(scorecard, contract, ranked, dialect),
        *_ranked([*steps, Step("scored", "The probabilities.", scores)], ranked, dialect),
    ]
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


def _ranked(steps: Sequence[Step], ranked: RankedPoints, dialect: Dialect) -> Iterator[Step]:
    """Let each step also find one more reason: the first place behind the one before.

    A step of its own for each takes SQLite half as long again.
    """
    names = {cell.term for cell in ranked.cells}
    places, last = [f"n{i}" for i in sorted(names)], len(ranked.cells)
    more = [Step(f"rank{rank}", "", {}, tuple(steps[-1].columns)) for rank in range(REASONS)]
    for rank, step in enumerate([*steps, *more[len(steps) :]], 1):
        if rank == 1:
            place = f"CASE WHEN faults = '' THEN {dialect.smallest(places)} END"
        else:
            left = [f"CASE WHEN {p} > r{rank - 1} THEN {p} ELSE {last} END" for p in places]
            place = dialect.smallest(left)
        kept = ("id", "faults", "unknown", *places, *(f"r{i}" for i in range(1, rank)), *step.kept)
        comment = f"{step.comment} Also the place of reason {rank}.".strip()
        yield replace(step, comment=comment, columns=step.columns | {f"r{rank}": place}, kept=kept)


def _looked_up(
    scorecard: Scorecard, contract: Contract, ranked: RankedPoints, dialect: Dialect
) -> Step:
    column = {pair: f"b{i}" for i, pair in enumerate(bins_of(scorecard, contract))}
    place_of = {cell[:2]: place for place, cell in enumerate(ranked.cells)}
    columns = {}
    for i, term in enumerate(scorecard.terms):
        places = [place_of[i, at] for at in range(sum(1 for _ in flat(term.points)))]
        columns[f"n{i}"] = dialect.pick(cell_of(term, column), places)
    columns["known"] = points(scorecard, column, dialect)
    found = dict(reversed(column))  # the first of a feature's
    first = {name: found[name] for name in contract.names}
    if scorecard.factors:
        columns |= inference_steps.evidence(scorecard.factors, column, dialect)
        unknown = inference_steps.unknown_bins(scorecard.factors)
    else:
        unknown = {(name, bins): [bins.size - 1] for name, bins in first.items()}
    columns["unknown"] = _names({column[pair]: (pair[0], at) for pair, at in unknown.items()})
    columns["faults"] = _names({column[pair]: (pair[0], [FAULT]) for pair in first.items()})
    comment = "Rank and points of each term; which features are at fault, and which unknown."
    return Step("looked_up", comment, columns, ("id",))


def cell_of(term: Term, column: Mapping[tuple[str, Bins], str]) -> str:
    """Return the number of a customer's cell of a term.

    Args:
        term: of the scorecard.
        column: the column with a feature's bin.
    """
    cell = ""
    for name, bins in zip(term.features, term.bins, strict=True):
        one = column[name, bins]
        cell = f"({cell} * {bins.size} + {one})" if cell else one
    return cell


def points(scorecard: Scorecard, column: Mapping[tuple[str, Bins], str], dialect: Dialect) -> str:
    """Return the intercept plus the points of each term.

    Args:
        scorecard: of the release.
        column: the column with a feature's bin.
        dialect: of the database.
    """
    terms = [
        dialect.pick(cell_of(term, column), [float(entry) for entry in flat(term.points)])
        for term in scorecard.terms
    ]
    return f"{number(scorecard.intercept)}\n      + ({listed(terms, ' + ')})"


def _names(bins: Mapping[str, tuple[str, Sequence[int]]]) -> str:
    """Return the features that are in one of some bins, each after a comma.

    Args:
        bins: by the column with the feature's bin, its name and the bins.
    """
    names = [
        f"CASE WHEN {column} IN ({', '.join(map(str, at))}) THEN {text(',' + name)} ELSE '' END"
        for column, (name, at) in bins.items()
        if at
    ]
    return listed(names, " || ") or "''"


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
    columns["unknown"] = "CASE WHEN faults = '' THEN SUBSTR(unknown, 2) END"
    columns["faults"] = "NULLIF(SUBSTR(faults, 2), '')"
    lines = ",\n".join(f"  {what} AS {identifier(name)}" for name, what in columns.items())
    joins = "\n".join(
        f"LEFT JOIN cells AS c{rank} ON c{rank}.place = r{rank}" for rank in range(1, REASONS + 1)
    )
    return f"SELECT\n{lines}\nFROM {source}\n{joins};"
