"""What the databases write differently, and how names, texts and numbers are quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_ARGUMENTS = 50
"""Of a call of MIN: SQLite takes 127, or what it was compiled with."""

_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Dialect:
    """The SQL of one database.

    Attributes:
        title: name and version of the database.
        run: how a file with the query is run, in words.
        double: the type of a double.
        boolean: what columns of yes and no are.
        typed: whether a column has values of its type only.
        step: what stands between the name of a step and its query.
        end: what ends the query of a step.
        list: how entry {place}, from 0, of a list of constants is read; without one, a CASE
            does it.
        buckets: how many of some ascending edges are at or below a number; without it, a CASE
            counts them.
        least: the function that gives the least of its arguments.
        greatest: the one that gives the greatest.
    """

    title: str
    run: str
    double: str = "float8"
    boolean: str = "boolean"
    typed: bool = True
    step: str = "AS MATERIALIZED"
    end: str = ""
    list: str = ""
    buckets: str = ""
    least: str = "LEAST"
    greatest: str = "GREATEST"

    def pick(self, place: str, numbers: Sequence[float]) -> str:
        """Return the expression of one of the numbers, by its place."""
        whole = all(type(number) is int for number in numbers)
        kind = "integer" if whole else self.double
        if len(set(numbers)) == 1:
            return f"CAST({number(numbers[0])} AS {kind})"
        constants = [str(n) if whole else number(n) for n in numbers]
        if self.list:
            listed = ", ".join(constants)
            return self.list.format(numbers=listed, type=kind, place=place)
        cases = [f"WHEN {i} THEN {constant}" for i, constant in enumerate(constants)]
        return f"CASE {place} {' '.join(cases)} END"

    def bucket(self, value: str, edges: Sequence[float]) -> str:
        """Return the expression of how many edges, ascending, are at or below a number."""
        if not edges:
            return "0"
        if self.typed:  # the double that JSON would give
            value = f"CAST({value} AS {self.double})"
        if self.buckets:
            return self.buckets.format(value=value, edges=", ".join(map(number, edges)))
        cases = [f"WHEN {value} < {number(edge)} THEN {place}" for place, edge in enumerate(edges)]
        return f"CASE {' '.join(cases)} ELSE {len(edges)} END"

    def smallest(self, expressions: Sequence[str]) -> str:
        """Return the expression of the least of some numbers, none of them NULL."""
        if len(expressions) == 1:
            return expressions[0]
        if len(expressions) <= MOST_ARGUMENTS:
            return f"{self.least}({', '.join(expressions)})"
        starts = range(0, len(expressions), MOST_ARGUMENTS)
        return self.smallest([self.smallest(expressions[s : s + MOST_ARGUMENTS]) for s in starts])


DIALECTS = {
    "postgresql": Dialect(
        title="PostgreSQL 12 or newer",
        run="psql --csv --file=FILE",
        list="(CAST('{{{numbers}}}' AS {type}[]))[{place} + 1]",
        buckets="WIDTH_BUCKET({value}, CAST('{{{edges}}}' AS float8[]))",
    ),
    "sqlite": Dialect(
        title="SQLite 3.35 or newer, with its mathematical functions",
        run="sqlite3 -csv DATABASE < FILE",
        double="REAL",
        boolean="0 or 1",
        typed=False,
        least="MIN",
        greatest="MAX",
    ),
    "duckdb": Dialect(
        title="DuckDB 2",
        run="duckdb -csv DATABASE < FILE",
        step="AS",
        list="([{numbers}])[{place} + 1]",
    ),
}


def number(value: float) -> str:
    """Write a number so that every database reads this very double, not a rounded decimal."""
    written = repr(float(value)).removesuffix(".0")
    return written if "e" in written else f"{written}e0"


def text(value: str) -> str:
    """Quote a text.

    Raises:
        ValueError: it has a character that no database takes.
    """
    if "\0" in value:
        raise ValueError(f"{value!r} cannot be written in SQL: it has the character NUL")
    return "'" + value.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote the name of a column or a table.

    Raises:
        ValueError: it is empty, or has a control character.
    """
    if not name or _CONTROL.search(name):
        raise ValueError(f"{name!r} cannot be a name in SQL")
    return '"' + name.replace('"', '""') + '"'


def table_name(written: str) -> str:
    """Quote a table's name, which may follow a schema's and a point.

    A part that has a point itself stands between double quotes: `sales."q3.2026"`.

    Raises:
        ValueError: it is no such name.
    """
    return ".".join(map(identifier, table_parts(written)))


def table_parts(written: str) -> list[str]:
    """Take the name of a table apart, as `table_name` reads it.

    Raises:
        ValueError: it is no such name.
    """
    parts, end = [], 0
    while found := _PART.match(written, end):
        quoted, plain = found.groups()
        parts.append(quoted.replace('""', '"') if quoted else plain)
        end = found.end() + 1
        if written[found.end() : end] != ".":
            break
    if end != len(written) + 1 or not parts:
        raise ValueError(f"--table: {written!r} is no name of a table; give TABLE or SCHEMA.TABLE")
    return parts
