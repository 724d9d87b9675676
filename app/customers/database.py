"""The database: SQLite by default, PostgreSQL by DATABASE_URL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from app.customers.limits import Limited

T = TypeVar("T")

SECONDS = 1.0
"""That a lookup may take, connecting and waiting for a connection included."""

HEAD = "0001"
"""The newest migration; a test holds it to the folder's."""

metadata = sa.MetaData()

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    # One document rather than a column a feature: a changed contract needs no migration.
    sa.Column("features", sa.JSON, nullable=False),
    sa.Column("contract", sa.String(64), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    # The score, and the digest of the scorecard that made it; both null until there is one.
    sa.Column("log_odds", sa.Double),
    sa.Column("scored_with", sa.String(64)),
    sa.Index("customers_at_risk", "scored_with", sa.text("log_odds DESC"), "id"),
)


class Database:
    """Connections to the database, made at the first use in each process.

    Args:
        url: as DATABASE_URL.
    """

    def __init__(self, url: str) -> None:
        self.url = parse(url)
        self.limited = Limited("database", SECONDS, (sa.exc.SQLAlchemyError,))

    @property
    def embedded(self) -> Path | None:
        """The file of an SQLite database, or None."""
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            return Path(self.url.database)
        return None

    @cached_property
    def engine(self) -> Engine:
        """For lookups: what the server can do about the time limit, it does."""
        if self.embedded:
            return _sqlite(self.url, busy=SECONDS)
        limit = f"-c statement_timeout={int(SECONDS * 900)}"
        return sa.create_engine(
            self.url,
            pool_size=8,
            max_overflow=0,
            pool_timeout=SECONDS,
            connect_args={"connect_timeout": 2, "options": limit},
        )

    def bulk(self) -> Engine:
        """For loading and scoring from the shell: one connection, no limit on a statement."""
        if self.embedded:
            return _sqlite(self.url, busy=60)
        return sa.create_engine(
            self.url, poolclass=sa.NullPool, connect_args={"connect_timeout": 10}
        )

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` with a connection, within the time limit.

        Raises:
            Unavailable: the database is away or too slow.
        """

        def connected() -> T:
            with self.engine.connect() as connection:
                return work(connection)

        return self.limited(connected)

    def generation(self) -> str:
        """Differs when an SQLite file was written, by whatever process; PostgreSQL has none."""
        if self.embedded is None:
            return ""
        stamps = []
        for name in (self.embedded, f"{self.embedded}-wal"):
            try:
                stamps.append(os.stat(name).st_mtime_ns)  # noqa: PTH116 - on every lookup
            except OSError:
                stamps.append(0)
        return "-".join(map(str, stamps))


def current(file: Path) -> bool:
    """Whether an embedded database is there, at the newest migration."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
                (HEAD,)
            ]
    except sqlite3.DatabaseError:
        return False


def parse(url: str) -> URL:
    """Understand DATABASE_URL.

    Raises:
        ValueError: it is not an address of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise ValueError("not an address of a database") from None
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database:
        return parsed
    raise ValueError("give postgresql://USER@HOST/NAME or sqlite:///PATH")


def _sqlite(url: URL, busy: float) -> Engine:
    engine = sa.create_engine(url, pool_size=8, connect_args={"timeout": busy})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")  # readers go on while a load writes
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    return engine
