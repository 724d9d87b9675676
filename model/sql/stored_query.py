"""The score of stored customers, whose features are JSON documents, as a query for PostgreSQL.

The query takes the documents that are written as this service writes them (no blank, no escape, no
null) and are surely sound. Others it leaves out: the scorer looks at those.

That a document has the features that were found and nothing else is told by its length. Whatever
else stood in it (another name, a blank, a name twice, a number between quotes) would make it longer
than these features written shortly.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

from model.features import Contract, Feature
from model.scorecard import Scorecard
from model.sql import inference_steps
from model.sql.bin_step import bin_step, bins_of
from model.sql.dialect import DIALECTS, identifier, text
from model.sql.scorecard_query import points
from model.sql.step import Step, chained, listed

# Each step is a query of its own that is not stored: storing takes half as long again.
_DIALECT = replace(DIALECTS["postgresql"], step="AS", end=" OFFSET 0")

_NUMBER = "^-?[0-9]{1,15}([.][0-9]{1,17})?$"
"""What PostgreSQL and Python surely read as the same number."""

_LONGEST_NAME = 63
"""Bytes; PostgreSQL cuts longer names."""


def stored_query(scorecard: Scorecard, contract: Contract, source: str) -> str:
    """Write the query. Its columns are `id`, the place of a row in the table, and `log_odds`.

    Args:
        scorecard: of the release.
        contract: its contract.
        source: a query with the columns `place`, and `features` as text.

    Raises:
        ValueError: a name or a value cannot be written in SQL.
    """
    if longest := [n for n in contract.names if len(n.encode()) > _LONGEST_NAME]:
        raise ValueError(f"{longest[0]!r} is too long for a name in PostgreSQL")
    place = next(name for n in count() if (name := f"place{n}") not in contract.by_name)
    binned = {pair: f"b{number}" for number, pair in enumerate(bins_of(scorecard, contract))}
    columns = {"known": points(scorecard, binned, _DIALECT)}
    inferred: list[Step] = []
    if scorecard.factors:
        columns |= inference_steps.evidence(scorecard.factors, binned, _DIALECT)
        inferred = inference_steps.steps(scorecard.factors, _DIALECT)
    sound = f"binned WHERE LEAST({', '.join(binned.values())}) >= 0"
    steps = [
        _opened(contract, source),
        _read(contract, place),
        bin_step(scorecard, contract, _DIALECT, "read", place),
        Step("looked_up", "The points, of customers without a fault.", columns, ("id",), sound),
        *(replace(step, kept=("id", *step.kept)) for step in inferred),
    ]
    log_odds = "log_odds" if scorecard.factors else "known AS log_odds"
    return f"WITH {chained(steps, _DIALECT)}\nSELECT id, {log_odds} FROM {steps[-1].name}"


def _opened(contract: Contract, source: str) -> Step:
    """Take documents apart. PostgreSQL refuses some escapes, and what is no object."""
    plain = r"LEFT(features, 1) = '{' AND STRPOS(features, '\') = 0"
    document = f"CAST(CASE WHEN {plain} THEN features ELSE '{{}}' END AS json)"
    given = ", ".join(f"{identifier(name)} text" for name in contract.names)
    columns = {"place": "place", "features": "features"}
    columns |= {f"v{number}": f"c.{identifier(n)}" for number, n in enumerate(contract.names)}
    tables = f"({source}) AS stored, json_to_record({document}) AS c ({given})"
    return Step("opened", "Each value as text.", columns, source=tables)


def _read(contract: Contract, place: str) -> Step:
    columns, lengths, conditions = {place: "place"}, [], []
    for number, feature in enumerate(contract.features):
        given, name = f"v{number}", feature.name
        quotes = 4 if feature.type == "category" else 2
        comma_and_colon = 2
        rest = len(name) + quotes + comma_and_colon
        lengths.append(f"COALESCE(LENGTH({given}) + {rest}, 0)")
        columns[identifier(name)] = _value(feature, given)
        if feature.type == "boolean":
            conditions.append(f"COALESCE({given}, 'true') IN ('true', 'false')")
        elif any(map(_is_json, feature.values)):
            between_quotes = text(f'"{name}":"')
            conditions.append(f"({given} IS NULL OR STRPOS(features, {between_quotes}) > 0)")
    braces_less_a_comma = 1
    whole = f"LENGTH(features) = {braces_less_a_comma} + {listed(lengths, ' + ')}"
    source = f"opened WHERE {' AND '.join([whole, *conditions])}"
    comment = "The values of documents with nothing else; NaN for what is no plain number."
    return Step("read", comment, columns, source=source)


def _value(feature: Feature, given: str) -> str:
    if feature.type == "category":
        return given
    if feature.type == "boolean":
        return f"CAST({given} AS boolean)"
    plain = f"WHEN {given} ~ {text(_NUMBER)} THEN CAST({given} AS float8)"
    return f"CASE {plain} WHEN {given} IS NOT NULL THEN CAST('NaN' AS float8) END"


def _is_json(value: str) -> bool:
    """Whether a document could have this value without quotes, and mean another one."""
    try:
        json.loads(value)
    except ValueError:
        return False
    return True
