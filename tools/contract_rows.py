"""Customers at every edge of a scorecard, as rows of tables in three databases."""

from __future__ import annotations

import csv
import io
import math
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from tempfile import NamedTemporaryFile
from typing import Any

import duckdb
import psycopg

from model.features import Contract, Feature
from model.scorecard import Scorecard, Term
from model.sql.dialect import identifier, table_name

ILLEGAL = 0.1
"""Share of customers that have a value which breaks the contract."""

ID = "customer_id"
TABLE = "customers"
TYPES = {
    "postgresql": ("double precision", "text", "boolean"),
    "duckdb": ("DOUBLE", "VARCHAR", "BOOLEAN"),
    "sqlite": ("REAL", "TEXT", "BOOLEAN"),
}

Row = tuple[Any, ...]


Run = Callable[[str], list[Row]]
"""From a query to all rows of its result."""


def customers(
    scorecards: Iterable[Scorecard], contract: Contract, number: int, seed: int
) -> list[Row]:
    """Draw customers: each value of a list, each edge and what is next to it, and illegal ones.

    Each customer has a share of unknown values of its own, from none to all.

    Args:
        scorecards: have the edges.
        contract: of them all.
        number: of customers.
        seed: of the draw.
    """
    terms = [term for scorecard in scorecards for term in scorecard.terms]
    draw = random.Random(seed)  # noqa: S311 - not a secret
    unknown = [draw.choice((0.0, 0.0, draw.random())) for _ in range(number)]
    illegal = [draw.random() < ILLEGAL for _ in range(number)]
    columns = []
    for feature in contract.features:
        legal = [*values(feature, terms)]
        wrong = [*faulty(feature)]
        rare = 1.5 / len(contract.names)
        columns.append(
            [
                draw.choice(wrong)
                if bad and wrong and draw.random() < rare
                else None
                if not feature.required and draw.random() < share
                else draw.choice(legal)
                for share, bad in zip(unknown, illegal, strict=True)
            ]
        )
    return list(zip(*columns, strict=True))


def values(feature: Feature, terms: Iterable[Term]) -> Iterator[Any]:
    """List values of a feature that keep the contract."""
    if feature.type == "category":
        yield from feature.values
    elif feature.type == "boolean":
        yield from (False, True)
    else:
        low, high = feature.range or (0.0, 0.0)
        edges = {
            edge
            for term in terms
            for name, bins in zip(term.features, term.bins, strict=True)
            if name == feature.name
            for edge in bins.edges
        }
        near = [math.nextafter(edge, to) for edge in edges for to in (-math.inf, math.inf)]
        whole = [math.floor(edge) + step for edge in edges for step in (-1.0, 0.0, 1.0)]
        found = {low, high, *edges, *near, *whole}
        yield from sorted(value for value in found if feature.accepts(value))


def faulty(feature: Feature) -> Iterator[Any]:
    """List values of a feature, of its column's type, that break the contract."""
    if feature.type == "category":
        yield from ("nonesuch", feature.values[0].swapcase(), feature.values[0] + " ", "O'\"\\,;--")
    elif feature.type != "boolean":
        low, high = feature.range or (0.0, 0.0)
        yield from (math.nextafter(low, -math.inf), math.nextafter(high, math.inf))
        yield from (math.inf, -math.inf, 1e300)
        if feature.type == "integer":
            yield from (low + 0.5, math.nextafter(high, -math.inf))
    if feature.required:
        yield None


def create_table(contract: Contract, kind: str, table: str = TABLE) -> str:
    """Return the statement that makes the customers' table in a database of that kind."""
    number, text, boolean = TYPES[kind]
    types = {"category": text, "boolean": boolean}
    columns = [f"{identifier(f.name)} {types.get(f.type, number)}" for f in contract.features]
    return f"CREATE TABLE {table_name(table)} ({identifier(ID)} integer, {', '.join(columns)})"


@contextmanager
def postgresql_table(url: str, contract: Contract, found: Iterable[Row]) -> Iterator[Run]:
    """Store customers in an empty database of PostgreSQL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(create_table(contract, "postgresql").encode())
        with connection.cursor().copy(f"COPY {TABLE} FROM STDIN (FORMAT csv)") as copy:
            copy.write(_csv(found))
        connection.execute(f"ANALYZE {TABLE}")
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def duckdb_table(contract: Contract, found: Iterable[Row]) -> Iterator[Run]:
    """Store customers in a new DuckDB in memory."""
    with duckdb.connect() as connection, NamedTemporaryFile("w", suffix=".csv") as file:
        file.write(_csv(found))
        file.flush()
        connection.execute(create_table(contract, "duckdb"))
        plain = "HEADER false, AUTO_DETECT false, QUOTE '\"', ESCAPE '\"'"
        connection.execute(f"COPY {TABLE} FROM '{file.name}' (FORMAT csv, {plain})")
        yield lambda query: connection.execute(query).fetchall()


@contextmanager
def sqlite_table(contract: Contract, found: Iterable[Row]) -> Iterator[Run]:
    """Store customers in a new SQLite in memory."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(create_table(contract, "sqlite"))
        marks = ", ".join("?" * (1 + len(contract.names)))
        stored = ((i, *row) for i, row in enumerate(found))
        connection.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", stored)  # noqa: S608 - ours
        yield lambda query: connection.execute(query).fetchall()


def _csv(found: Iterable[Row]) -> str:
    """Write numbered rows; None is an empty cell."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows((i, *row) for i, row in enumerate(found))
    return buffer.getvalue()
