"""What the contract asks of a column, as conditions in SQL."""

from __future__ import annotations

from model.features import Feature
from model.sql.dialect import Dialect, identifier, number, text

TABLE = "c"
"""The table's name inside the query. Columns are written with it: SQLite takes a name in double
quotes that is no column for a text."""


def column(name: str) -> str:
    """Return a column of the table."""
    return f"{TABLE}.{identifier(name)}"


def value(feature: Feature, dialect: Dialect) -> str:
    """Return a feature's value, in the type that the next steps need, or NULL if it is a fault."""
    given = column(feature.name)
    if feature.type == "category":
        given = _as_text(given, dialect)
    elif feature.type != "boolean" and dialect.typed:
        given = f"CAST({given} AS {dialect.double})"
    return f"CASE WHEN {_kept(feature, dialect)} THEN {given} END"


def fault(feature: Feature, dialect: Dialect) -> str:
    """Return the feature's name after a comma if the column breaks the contract, else ''."""
    kept = _kept(feature, dialect)
    if not feature.required:
        kept = f"{column(feature.name)} IS NULL OR {kept}"
    return f"CASE WHEN {kept} THEN '' ELSE {text(',' + feature.name)} END"


def _as_text(given: str, dialect: Dialect) -> str:
    """Return a text that is compared by its bytes, whatever the column says."""
    if not dialect.typed:
        return f"{given} COLLATE BINARY"
    return f"CAST({given} AS text)"


def _kept(feature: Feature, dialect: Dialect) -> str:
    """Return the condition that a value which isn't NULL keeps the contract."""
    given = column(feature.name)
    if feature.type == "category":
        values = ", ".join(map(text, feature.values))
        condition, types = f"{_as_text(given, dialect)} IN ({values})", "'text'"
    elif feature.type == "boolean":
        condition, types = f"{given} IN (FALSE, TRUE)", "'integer', 'real'"
    else:
        low, high = map(number, feature.range or ())
        # NaN is beyond every number: where a database has it, it isn't between two.
        condition, types = f"{given} BETWEEN {low} AND {high}", "'integer', 'real'"
        if feature.type == "integer":
            condition += f" AND {given} = FLOOR({given})"
    return condition if dialect.typed else f"TYPEOF({given}) IN ({types}) AND {condition}"
