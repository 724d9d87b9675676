"""Writes stored customers in batches, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from app.customers.store.stored_customer import StoredCustomer
from app.customers.store.tables import customers, score_changes

BATCH = 5000
"""Customers in one transaction."""

UNSCORED = ""
"""In place of a digest: there is no score."""


def write(connection: Connection, records: list[StoredCustomer], scored_with: str) -> None:
    """Insert or replace customers in a transaction; of several with one id, the last counts.

    Features and score are replaced together, so that a score always belongs to its features.

    Args:
        connection: from `Database.bulk`.
        records: the customers.
        scored_with: digest of the scorecard that made the scores, or UNSCORED.
    """
    # In the order of ids, so that two concurrent loads cannot deadlock.
    rows = sorted({record.id: record for record in records}.values(), key=lambda r: r.id)
    common = {"updated_at": datetime.now(UTC), "scored_with": scored_with}
    if not rows:
        return
    with connection.begin():
        if connection.dialect.name == "postgresql":
            columns = {
                "ids": [row.id for row in rows],
                "features": [orjson.dumps(row.features).decode() for row in rows],
                "log_odds": [row.log_odds for row in rows],
            }
            connection.execute(_UPSERT_ARRAYS, columns | common)
        else:
            values = [
                {"id": row.id, "features": row.features, "log_odds": row.log_odds, **common}
                for row in rows
            ]
            connection.execute(_UPSERT_ROWS, values)
        connection.execute(CHANGED)


def stale(connection: Connection, scored_with: str) -> Iterator[list[StoredCustomer]]:
    """Yield customers without a score by this scorecard, in batches by id."""
    last = ""
    while True:
        query = (
            sa.select(customers.c.id, customers.c.features, customers.c.updated_at)
            .where(customers.c.scored_with != scored_with, customers.c.id > last)
            .order_by(customers.c.id)
            .limit(BATCH)
        )
        with connection.begin():
            rows = [
                StoredCustomer(row.id, row.features, updated_at=row.updated_at)
                for row in connection.execute(query)
            ]
        if not rows:
            return
        yield rows
        last = rows[-1].id


def save_scores(
    connection: Connection, scored: list[tuple[StoredCustomer, float]], scored_with: str
) -> None:
    """Store scores in a transaction, except those of customers written since they were read."""
    if not scored:
        return
    with connection.begin():
        if connection.dialect.name == "postgresql":
            columns = {
                "ids": [customer.id for customer, _ in scored],
                "seen": [customer.updated_at for customer, _ in scored],
                "log_odds": [score for _, score in scored],
            }
            connection.execute(_SCORE_ARRAYS, columns | {"scored_with": scored_with})
        else:
            rows = [
                {"customer": customer.id, "seen": customer.updated_at, "score": score}
                for customer, score in scored
            ]
            connection.execute(_SCORE_ROWS.values(scored_with=scored_with), rows)
        connection.execute(CHANGED)


def count(connection: Connection, stale_for: str | None = None) -> int:
    """Count the stored customers, or those without a score by that scorecard."""
    query = sa.select(sa.func.count()).select_from(customers)
    if stale_for is not None:
        query = query.where(customers.c.scored_with != stale_for)
    with connection.begin():
        return int(connection.execute(query).scalar_one())


# Last in its transaction: whoever loads at the same time waits for no more than the commit.
CHANGED = sa.update(score_changes).values(number=score_changes.c.number + 1)

_INSERT = insert(customers)
_UPSERT_ROWS = _INSERT.on_conflict_do_update(
    index_elements=["id"],
    set_={
        column.name: _INSERT.excluded[column.name] for column in customers.c if column.name != "id"
    },
)

_SCORE_ROWS = (
    sa.update(customers)
    .where(
        customers.c.id == sa.bindparam("customer"),
        customers.c.updated_at == sa.bindparam("seen"),
    )
    .values(log_odds=sa.bindparam("score"))
)

# PostgreSQL takes a batch as one statement over arrays: about as fast as COPY, in one step.
_UPSERT_ARRAYS = sa.text("""
    INSERT INTO customers (id, features, updated_at, log_odds, scored_with)
    SELECT id, CAST(features AS json), :updated_at, log_odds, :scored_with
    FROM unnest(CAST(:ids AS text[]), CAST(:features AS text[]), CAST(:log_odds AS float8[]))
        AS t (id, features, log_odds)
    ON CONFLICT (id) DO UPDATE SET features = excluded.features,
        updated_at = excluded.updated_at, log_odds = excluded.log_odds,
        scored_with = excluded.scored_with
""")

_SCORE_ARRAYS = sa.text("""
    UPDATE customers SET log_odds = t.log_odds, scored_with = :scored_with
    FROM unnest(CAST(:ids AS text[]), CAST(:seen AS timestamptz[]), CAST(:log_odds AS float8[]))
        AS t (id, seen, log_odds)
    WHERE customers.id = t.id AND customers.updated_at = t.seen
""")
