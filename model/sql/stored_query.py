"""The score of stored customers, whose features are JSON documents, as a query for PostgreSQL.

The query takes the documents that are written as this service writes them (no blank, no escape, no
null) and are surely sound. Others it leaves out: the scorer looks at those.

That a document has the features that were found and nothing else is told by its length. Whatever
else stood in it (another name, a blank, a name twice, a number between quotes) would make it longer
than these features written shortly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from model.bins import Bins
from model.factor_model import FactorModel
from model.features import Contract, Feature
from model.scorecard import Scorecard
from model.sql import inference_steps
from model.sql.bin_step import bin_step, bins_of
from model.sql.dialect import DIALECTS, identifier, text
from model.sql.scorecard_query import points
from model.sql.step import Step, chained, listed

# Each step is a query of its own that is not stored: storing takes half as long again.
_DIALECT = replace(DIALECTS["postgresql"], step="AS", end=" OFFSET 0")

_DIGITS = 18
"""Characters of a number at most; PostgreSQL and Python surely read it alike."""

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
    sound = f"binned WHERE LEAST({', '.join(binned.values())}) >= 0"
    known = {"known": points(scorecard, binned, _DIALECT)}
    kept = ("id", *binned.values())
    steps = [
        _opened(contract, source),
        _read(contract, place),
        bin_step(scorecard, contract, _DIALECT, "read", place),
        Step("looked_up", "The points, of customers without a fault.", known, kept, sound),
    ]
    log_odds = _completed(scorecard.factors, binned) if scorecard.factors else "known"
    return f"WITH {chained(steps, _DIALECT)}\nSELECT id, {log_odds} AS log_odds FROM looked_up"


def _completed(factors: FactorModel, binned: Mapping[tuple[str, Bins], str]) -> str:
    """Return the log-odds: what is known, or what the factors make of it where a feature isn't.

    The query for the factors stands in a CASE, so that only customers who lack something pay for
    it; it takes twice as long as the points.
    """
    unknown = inference_steps.unknown_bins(factors)
    all_known = [
        f"{binned[pair]} NOT IN ({', '.join(map(str, bins))})"
        for pair, bins in unknown.items()
        if bins
    ]
    if not all_known:
        return "known"
    names = ("known", *binned.values())
    customer = ", ".join(f"looked_up.{name} AS {name}" for name in names)
    evidence = {"known": "known"} | inference_steps.evidence(factors, binned, _DIALECT)
    steps = [
        Step("evident", "What is known of the factors.", evidence, (), f"(SELECT {customer}) AS c"),
        *inference_steps.steps(factors, _DIALECT),
    ]
    inferred = f"(WITH {chained(steps, _DIALECT)}\nSELECT log_odds FROM {steps[-1].name})"
    return f"CASE WHEN {' AND '.join(all_known)} THEN known ELSE {inferred} END"


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
        rest = len(name.encode()) + quotes + comma_and_colon
        lengths.append(f"COALESCE(OCTET_LENGTH({given}) + {rest}, 0)")
        columns[identifier(name)] = _value(feature, given)
        if feature.type == "boolean":
            conditions.append(f"COALESCE({given}, 'true') IN ('true', 'false')")
        elif any(map(_is_json, feature.values)):
            between_quotes = text(f'"{name}":"')
            conditions.append(f"({given} IS NULL OR STRPOS(features, {between_quotes}) > 0)")
    braces_less_a_comma = 1
    whole = f"OCTET_LENGTH(features) = {braces_less_a_comma} + {listed(lengths, ' + ')}"
    source = f"opened WHERE {' AND '.join([whole, *conditions])}"
    comment = "The values of documents with nothing else; NaN for what is no plain number."
    return Step("read", comment, columns, source=source)


def _value(feature: Feature, given: str) -> str:
    if feature.type == "category":
        return given
    if feature.type == "boolean":
        return f"CAST({given} AS boolean)"
    # In JSON a point has digits on both sides. A regular expression takes three times as long.
    others = f"TRANSLATE({given}, '0123456789', '') IN ('', '.', '-', '-.')"
    plain = f"WHEN LENGTH({given}) <= {_DIGITS} AND {others} THEN CAST({given} AS float8)"
    return f"CASE {plain} WHEN {given} IS NOT NULL THEN CAST('NaN' AS float8) END"


def _is_json(value: str) -> bool:
    """Whether a document could have this value without quotes, and mean another one."""
    try:
        json.loads(value)
    except ValueError:
        return False
    return True
