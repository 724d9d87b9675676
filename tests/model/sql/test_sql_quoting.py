"""Names, texts and types that could mislead a query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import duckdb
import psycopg
import pytest

from model.bins import Bins
from model.features import Contract, Feature
from model.scorecard import Scorecard, Term
from model.sql.dialect import DIALECTS, identifier, number, table_name, text
from model.sql.query_head import query_head
from model.sql.scorecard_query import scorecard_query
from tools.contract_rows import create_table
from tools.databases import PostgreSQL

ODD = "a\"b'; DROP TABLE x; --"
VALUES = ("it's", "\\' OR 1=1 --", '"', "two words ", "ß;\n")


@pytest.fixture
def contract() -> Contract:
    return Contract(
        (
            Feature(ODD, "Odd", "category", "", "it's", values=VALUES, required=True),
            Feature("select", "Number", "integer", "", 1, minimum=-5, maximum=5),
            Feature("Yes", "Flag", "boolean", "", example=True),
        )
    )


@pytest.fixture
def scorecard() -> Scorecard:
    terms = (
        Term((ODD,), (Bins(values=VALUES),), [0.1, 0.2, 0.3, 0.4, 0.5, 0.0]),
        Term(("select",), (Bins(edges=(0.0,)),), [-0.05, 0.05, 0.0]),
        Term(("Yes",), (Bins(values=(True, False)),), [0.01, -0.01, 0.0]),
    )
    return Scorecard(
        version="1.0.0\n; DROP TABLE x",
        intercept=0.0,
        terms=terms,
        policies={'odd"policy': 0.5},
        contract_digest="",
        selftest=[],
        factors=None,
    )


@pytest.fixture(params=DIALECTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connection(kind: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A new database."""
    with ExitStack() as opened:
        if kind == "postgresql":
            cluster: PostgreSQL = request.getfixturevalue("cluster")
            yield opened.enter_context(psycopg.connect(cluster.new(), autocommit=True))
        elif kind == "duckdb":
            yield opened.enter_context(duckdb.connect())
        else:
            made = sqlite3.connect(":memory:")
            opened.callback(made.close)
            yield made


def test_odd_names_and_texts_are_only_names_and_texts(
    connection: Any, kind: str, contract: Contract, scorecard: Scorecard
) -> None:
    """Also in comments, whose lines a version or a name must not end."""
    schema = "main" if kind == "sqlite" else "sales"
    if kind != "sqlite":
        connection.execute(f"CREATE SCHEMA {schema}")
    table = f'{schema}."q3.2026 ""new"""'
    connection.execute(create_table(contract, kind, table))
    mark = "%s" if kind == "postgresql" else "?"
    insert = f"INSERT INTO {table_name(table)} VALUES ({', '.join([mark] * 4)})"
    for i, value in enumerate((*VALUES, "its")):
        connection.execute(insert, (i, value, None, True))
    head = query_head(scorecard, contract, DIALECTS[kind], "ab")
    query = scorecard_query(scorecard, contract, DIALECTS[kind], table, "customer_id")
    found = connection.execute(f"{head}\n{query}".encode().decode()).fetchall()
    found.sort()
    assert [row[6] for row in found] == [0.1, 0.2, 0.3, 0.4, 0.5, None]
    assert [row[5] for row in found] == [ODD] * 5 + [None]
    assert [row[-2:] for row in found] == [("select", None)] * 5 + [(None, ODD)]
    assert all(line.startswith("-- ") for line in head.splitlines())


def test_a_view_of_the_query_can_be_made(
    connection: Any, kind: str, contract: Contract, scorecard: Scorecard
) -> None:
    connection.execute(create_table(contract, kind))
    query = scorecard_query(scorecard, contract, DIALECTS[kind], "customers", "customer_id")
    connection.execute(f"CREATE VIEW churn_scores AS {query}")
    assert connection.execute("SELECT * FROM churn_scores").fetchall() == []


@pytest.mark.parametrize(
    ("column", "value", "faults"),
    [
        (0, "two words", ODD),
        (0, "IT'S", ODD),
        (0, "", ODD),
        (0, b"it's", ODD),
        (0, None, ODD),
        (1, "five", "select"),
        (1, b"5", "select"),
        (1, 2**62, "select"),
        (1, 4.5, "select"),
        (1, float("inf"), "select"),
        (1, 5.0, None),
        (1, "5", None),  # a column of numbers makes a number of it
        (2, 2, "Yes"),
        (2, 0.5, "Yes"),
        (2, "true", "Yes"),
        (2, 1, None),
    ],
)
def test_sqlite_takes_anything_and_the_query_looks_at_its_type(
    contract: Contract, scorecard: Scorecard, column: int, value: Any, faults: str | None
) -> None:
    connection = sqlite3.connect(":memory:")
    statement = create_table(contract, "sqlite").replace("TEXT", "TEXT COLLATE NOCASE")
    connection.execute(statement)
    row = ["it's", 1, True]
    row[column] = value
    connection.execute("INSERT INTO customers VALUES (1, ?, ?, ?)", row)
    query = scorecard_query(scorecard, contract, DIALECTS["sqlite"], "customers", "customer_id")
    (found,) = connection.execute(query).fetchall()
    connection.close()
    assert (found[1] is None, found[-1]) == (faults is not None, faults)


@pytest.mark.parametrize("kind", ["postgresql", "duckdb"], indirect=True)
@pytest.mark.parametrize("value", ["'NaN'", "'Infinity'", "1e300"])
def test_no_number_beyond_numbers_is_scored(
    connection: Any, kind: str, contract: Contract, scorecard: Scorecard, value: str
) -> None:
    connection.execute(create_table(contract, kind))
    connection.execute(f"INSERT INTO customers VALUES (1, '\"', {value}, NULL)")
    query = scorecard_query(scorecard, contract, DIALECTS[kind], "customers", "customer_id")
    (found,) = connection.execute(query).fetchall()
    assert (found[1], found[-1]) == (None, "select")


@pytest.mark.parametrize("type_", ["numeric", "bigint", "smallint", "real"])
@pytest.mark.parametrize("kind", ["postgresql", "duckdb"], indirect=True)
def test_any_type_of_number_will_do(
    connection: Any, kind: str, contract: Contract, scorecard: Scorecard, type_: str
) -> None:
    """In PostgreSQL a numeric may even be too large for a double."""
    quoted = f'{identifier(ODD)} varchar(20), "select" {type_}, "Yes" boolean'
    connection.execute(f"CREATE TABLE customers (customer_id text, {quoted})")
    connection.execute("INSERT INTO customers VALUES ('a', '\"', 5, TRUE), ('b', '\"', 6, NULL)")
    if kind == "postgresql" and type_ == "numeric":
        connection.execute("INSERT INTO customers VALUES ('c', '\"', 1e400, TRUE)")
    query = scorecard_query(scorecard, contract, DIALECTS[kind], "customers", "customer_id")
    found = sorted(connection.execute(query).fetchall())
    assert [row[-1] for row in found] == [None, "select", "select"][: len(found)]
    assert found[0][5:9] == (ODD, 0.3, "select", 0.05)


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("customers", '"customers"'),
        ("sales.Customers", '"sales"."Customers"'),
        ('sales."q3.2026"', '"sales"."q3.2026"'),
        ('"a""b".c', '"a""b"."c"'),
        ("x; DROP TABLE y", '"x; DROP TABLE y"'),
    ],
)
def test_table_names(written: str, quoted: str) -> None:
    assert table_name(written) == quoted


@pytest.mark.parametrize("written", ["", ".", "a.", ".a", "a..b", 'a"b', '"a', '""', "a\nb", "\0"])
def test_what_is_no_table_name_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="name"):
        table_name(written)


def test_a_text_with_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        text("a\0b")


@pytest.mark.parametrize("value", [0.1, 1e-07, 1e22, -29.849999999999998, 5, 2.0**-1074])
def test_numbers_are_read_as_they_are(value: float) -> None:
    """DuckDB would take 29.849999999999998 for a decimal, and round it."""
    connection = duckdb.connect()
    (found,) = connection.execute(f"SELECT {number(value)}").fetchone() or ()
    connection.close()
    assert type(found) is float
    assert found == value
