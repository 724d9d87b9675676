"""Reads somebody else's table in the same database, and writes nothing to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import quoted_name

from model.sql.dialect import identifier, table_parts

MAX_PARTS = 2
"""Schema and table."""


class TableError(ValueError):
    """The table cannot be scored; the message is one line."""


@dataclass(frozen=True)
class SourceTable:
    """A table or a view.

    Attributes:
        name: as people write it, the same whichever way they wrote it.
        columns: their names.
        types: of the columns.
    """

    name: str
    columns: list[str]
    types: list[sa.types.TypeEngine[Any]]
    _parts: tuple[str, ...]

    def rows(self, connection: Connection, positions: Sequence[int], at_once: int) -> Iterator[Any]:
        """Yield lists of rows with the columns at these positions.

        In PostgreSQL a value comes as its text, and as None where a number isn't finite; SQLite's
        columns have values of any type.
        """
        *schema, table = (quoted_name(part, quote=True) for part in self._parts)
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(quoted_name(self.columns[at], quote=True)) for at in positions
        ]
        chosen: list[sa.ColumnElement[Any]] = [*columns]
        if connection.dialect.name == "postgresql":
            types = [self.types[at] for at in positions]
            chosen = [_text(c, kind) for c, kind in zip(columns, types, strict=True)]
        query = sa.select(*(c.label(f"c{i}") for i, c in enumerate(chosen))).select_from(
            sa.table(table, *columns, schema=schema[0] if schema else None)
        )
        yield from connection.execute(query, execution_options={"yield_per": at_once}).partitions()


def read_only(connection: Connection) -> None:
    """Let a connection change nothing, and see the database at one moment, in its next transaction.

    Args:
        connection: from `Database.bulk`.
    """
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    else:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.commit()


def source_table(connection: Connection, written: str) -> SourceTable:
    """Find a table or a view by its name.

    Args:
        connection: within a transaction.
        written: TABLE or SCHEMA.TABLE; parts with a point in double quotes.

    Raises:
        TableError: there is none of that name, or it is no name.
    """
    try:
        parts = table_parts(written)
        for part in parts:
            identifier(part)
    except ValueError as error:
        raise TableError(str(error)) from None
    if len(parts) > MAX_PARTS:
        raise TableError(f"--table: {written!r}: give TABLE or SCHEMA.TABLE")
    *schemas, table = parts
    schema = schemas[0] if schemas else None
    look = sa.inspect(connection)
    if schema is not None and schema not in look.get_schema_names():
        raise TableError(f"--table: no schema {schema}{_near(schema, look.get_schema_names())}")
    try:
        columns = look.get_columns(table, schema=schema)
    except sa.exc.NoSuchTableError:
        others = look.get_table_names(schema=schema) + look.get_view_names(schema=schema)
        raise TableError(f"--table: no table {written}{_near(table, others)}") from None
    name = ".".join(identifier(part) if "." in part or '"' in part else part for part in parts)
    names = [column["name"] for column in columns]
    return SourceTable(name, names, [column["type"] for column in columns], tuple(parts))


def _text(column: sa.ColumnElement[Any], kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    text = sa.cast(column, sa.Text)
    if isinstance(kind, sa.Float | sa.Numeric):
        return sa.case((text.in_(["NaN", "Infinity", "-Infinity"]), None), else_=text)
    return text


def _near(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
