"""Stored customers: looked up, written in batches, ranked by risk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.customers.cache import Cache, Features
from app.customers.database import Database, customers
from app.predictions.bodies import CONTRACT

BATCH = 5000
"""Customers of one transaction."""


@dataclass(frozen=True)
class Record:
    """A customer to write: the score is of the features, by the scorecard with that digest."""

    id: str
    features: Features
    log_odds: float | None
    scored_with: str | None


@dataclass(frozen=True)
class Unscored:
    """A customer to score; `updated_at` tells whether it changed meanwhile."""

    id: str
    features: Features
    updated_at: datetime


@dataclass(frozen=True)
class Ranked:
    """A customer of the ranking."""

    id: str
    features: Features
    log_odds: float


class Store:
    """The stored customers.

    Args:
        database: where they are kept.
        cache: in front of it for lookups by id.
    """

    def __init__(self, database: Database, cache: Cache) -> None:
        self.database = database
        self.cache = cache

    def features(self, customer: str) -> Features | None:
        """A customer's features, or None where there is no such customer.

        Raises:
            Unavailable: neither cache nor database has an answer in time.
        """
        query = sa.select(customers.c.features).where(customers.c.id == customer)

        def load() -> Features | None:
            return self.database.read(lambda c: c.execute(query).scalar_one_or_none())

        return self.cache.get(customer, load)

    def at_risk(
        self, scored_with: str, limit: int, after: tuple[float, str] | None
    ) -> tuple[list[Ranked], bool]:
        """Customers by falling score, and whether each stored customer has a fresh one.

        Only scores that this scorecard made of the features as they are now are ranked. The cursor
        is the place of the last customer seen, so customers that don't change are neither skipped
        nor repeated, whatever others do meanwhile.

        Args:
            scored_with: digest of the scorecard.
            limit: how many.
            after: log-odds and id of the last customer seen.

        Raises:
            Unavailable: the database is away.
        """
        c = customers.c
        query = sa.select(c.id, c.features, c.log_odds).where(c.scored_with == scored_with)
        if after:
            score, last = after
            query = query.where(c.log_odds <= score, sa.or_(c.log_odds < score, c.id > last))
        query = query.order_by(c.log_odds.desc(), c.id).limit(limit)

        def work(connection: Connection) -> tuple[list[Ranked], bool]:
            found = [Ranked(*row) for row in connection.execute(query)]
            stale = connection.execute(sa.select(sa.exists().where(_stale(scored_with))))
            return found, not stale.scalar_one()

        return self.database.read(work)

    def ping(self) -> None:
        """Ask whether the database answers.

        Raises:
            Unavailable: it doesn't.
        """
        self.database.read(lambda connection: connection.execute(sa.select(1)).scalar_one())


def write(connection: Connection, records: list[Record]) -> None:
    """Insert or replace customers; the last of several with one id counts.

    The features that a row had are replaced together with its score, so that a score is never one
    of other features.
    """
    now = datetime.now(UTC)
    rows = [
        {
            "id": record.id,
            "features": record.features,
            "contract": CONTRACT.digest,
            "updated_at": now,
            "log_odds": record.log_odds,
            "scored_with": record.scored_with,
        }
        for record in {record.id: record for record in records}.values()
    ]
    if rows:
        _upsert(connection, rows)


def stale(connection: Connection, scored_with: str) -> Iterator[list[Unscored]]:
    """Customers without a score by this scorecard, in batches by id, in bounded memory."""
    last = ""
    while True:
        query = (
            sa.select(customers.c.id, customers.c.features, customers.c.updated_at)
            .where(_stale(scored_with), customers.c.id > last)
            .order_by(customers.c.id)
            .limit(BATCH)
        )
        rows = [Unscored(*row) for row in connection.execute(query)]
        connection.commit()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def save_scores(
    connection: Connection, scored: list[tuple[Unscored, float]], scored_with: str
) -> None:
    """Keep scores, but not of a customer that was written since it was read."""
    c = customers.c
    statement = (
        sa.update(customers)
        .where(c.id == sa.bindparam("customer"), c.updated_at == sa.bindparam("seen"))
        .values(log_odds=sa.bindparam("score"), scored_with=scored_with)
    )
    rows = [{"customer": u.id, "seen": u.updated_at, "score": score} for u, score in scored]
    if rows:
        connection.execute(statement, rows)


def count(connection: Connection) -> int:
    """How many customers are stored."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(customers)).scalar_one())


def _stale(scored_with: str) -> sa.ColumnElement[bool]:
    return customers.c.scored_with.is_distinct_from(scored_with)


def _upsert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":
        _copy(connection, rows)
        return
    from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 - of this dialect only

    statement = insert(customers)
    replaced = {name: statement.excluded[name] for name in rows[0] if name != "id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=replaced), rows)


def _copy(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """COPY into a table of this transaction's own, then one INSERT: the quickest for PostgreSQL."""
    from psycopg.types.json import Json  # noqa: PLC0415 - of this dialect only

    names = list(rows[0])
    columns = ", ".join(names)
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name != "id")
    cursor = connection.connection.cursor()
    cursor.execute("CREATE TEMPORARY TABLE incoming (LIKE customers) ON COMMIT DROP")
    with cursor.copy(f"COPY incoming ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([Json(v) if name == "features" else v for name, v in row.items()])
    cursor.execute(
        f"INSERT INTO customers ({columns}) SELECT {columns} FROM incoming "  # noqa: S608
        f"ON CONFLICT (id) DO UPDATE SET {changed}"
    )
    cursor.close()
