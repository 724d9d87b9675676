"""Stores the scores of a table that isn't ours: all of them at once, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.customers.store.tables import scored_tables, table_scores

MAX_REPEATED_NAMED = 5


class TableScore(NamedTuple):
    """A row of the result.

    Attributes:
        id: empty where there is none.
        probability: None for a row with faults.
        range_low: None also where the release has no ranges.
        range_high: the same.
        prediction: by the policy.
        faults: in words.
    """

    id: str
    probability: float | None = None
    range_low: float | None = None
    range_high: float | None = None
    prediction: str | None = None
    faults: str | None = None


class TableInUseError(ValueError):
    """Another run scores the same table."""


def begin(connection: Connection, table: str) -> None:
    """Take the place of the results of a table, at the end of the transaction.

    Args:
        connection: within a transaction.
        table: its name.

    Raises:
        TableInUseError: by another run.
    """
    if connection.dialect.name == "postgresql":
        lock = sa.func.pg_try_advisory_xact_lock(sa.func.hashtext(f"table_scores {table}"))
        if not connection.execute(sa.select(lock)).scalar_one():
            raise TableInUseError(f"--table: another run scores {table}; wait for its end")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.execute(sa.delete(table_scores).where(table_scores.c.table_name == table))
    connection.execute(sa.delete(scored_tables).where(scored_tables.c.table_name == table))


def add(connection: Connection, table: str, scores: Sequence[TableScore]) -> None:
    """Add some rows of the result, in the transaction of `begin`."""
    if not scores:
        return
    if connection.dialect.name == "postgresql":
        columns = zip(TableScore._fields, zip(*scores, strict=True), strict=True)
        connection.execute(_ARRAYS, {"table": table, **{n: list(c) for n, c in columns}})
    else:
        rows = [{"table_name": table, **score._asdict()} for score in scores]
        connection.execute(sa.insert(table_scores), rows)


def repeated(connection: Connection, table: str) -> tuple[int, list[str]]:
    """Count the ids that a table has more than once, and name the first."""
    c = table_scores.c
    ids = (
        sa.select(c.id)
        .where(c.table_name == table, c.id != "")
        .group_by(c.id)
        .having(sa.func.count() > 1)
    )
    number = connection.execute(sa.select(sa.func.count()).select_from(ids.subquery())).scalar_one()
    named = connection.execute(ids.order_by(c.id).limit(MAX_REPEATED_NAMED)).scalars()
    return number, [*named]


_ARRAYS = sa.text("""
    INSERT INTO table_scores
        (table_name, id, probability, range_low, range_high, prediction, faults)
    SELECT :table, t.* FROM unnest(
        CAST(:id AS text[]), CAST(:probability AS float8[]), CAST(:range_low AS float8[]),
        CAST(:range_high AS float8[]), CAST(:prediction AS text[]), CAST(:faults AS text[])) AS t
""")
