"""The database: SQLite by default, PostgreSQL by DATABASE_URL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from app.customers.limits import Limited

T = TypeVar("T")

SECONDS = 1.0
"""That a lookup may take, connecting and waiting for a connection included."""

BUSY = 60.0
"""Seconds that a command waits while another one writes to the same SQLite file."""

metadata = sa.MetaData()

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    # One document rather than a column a feature: a changed contract needs no migration.
    sa.Column("features", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    # The score, and the digest of the scorecard that made it; null and empty until there is one.
    sa.Column("log_odds", sa.Double),
    sa.Column("scored_with", sa.String(64), nullable=False, server_default=""),
    sa.Index("customers_at_risk", "scored_with", sa.text("log_odds DESC"), "id"),
)


class Database:
    """Connections to the database, made at the first use in each process.

    Args:
        url: as DATABASE_URL.

    Raises:
        ValueError: it is not an address of SQLite or PostgreSQL.
    """

    def __init__(self, url: str) -> None:
        self.url = parse(url)
        self.embedded = Path(self.url.database or "") if _is_sqlite(self.url) else None
        """The file of an SQLite database, or None."""
        self.limited = Limited("database", SECONDS, (sa.exc.SQLAlchemyError,))

    @cached_property
    def engine(self) -> Engine:
        """For lookups: what the server can do about the time limit, it does."""
        if self.embedded:
            return _sqlite(self.embedded, SECONDS, "rw", sa.QueuePool, pool_size=8)
        options = f"{self.url.query.get('options', '')} -c statement_timeout={SECONDS * 900:.0f}"
        return sa.create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",  # no BEGIN and ROLLBACK around each lookup
            pool_size=8,
            max_overflow=0,
            pool_timeout=SECONDS,
            pool_pre_ping=True,
            **_JSON,
            connect_args={"connect_timeout": 2, "options": options, **_NOTICE_LOSS},
        )

    @contextmanager
    def bulk(self, make: bool = False) -> Iterator[Connection]:
        """One connection for loading and scoring from the shell, without a limit on statements.

        Args:
            make: an SQLite file that is not there.
        """
        if self.embedded:
            engine = _sqlite(self.embedded, BUSY, "rwc" if make else "rw", sa.NullPool)
        else:
            limits = {"connect_timeout": 10, **_NOTICE_LOSS}
            engine = sa.create_engine(self.url, poolclass=sa.NullPool, connect_args=limits, **_JSON)
        with engine.connect() as connection:
            yield connection

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
                found = os.stat(name)  # noqa: PTH116 - on every lookup
            except OSError:
                continue
            stamps.append(f"{found.st_mtime_ns:x}.{found.st_size:x}")
        return "-".join(stamps)


def _features(text: str | bytes) -> dict[str, Any]:
    """What is stored of a customer; nothing where someone else wrote what is no JSON object."""
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


_JSON = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": _features,
}

_NOTICE_LOSS = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A connection over a network that fell silent ends after some ten seconds, not two hours."""


def parse(url: str) -> URL:
    """Understand DATABASE_URL.

    Raises:
        ValueError: it is not an address of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # the latter of a port that is no number
        parsed = URL.create("none")
    postgresql = parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg")
    if postgresql and parsed.database and 0 < (parsed.port or 5432) < 65536:
        from psycopg import Error, conninfo  # noqa: PLC0415 - needed with PostgreSQL only

        try:
            conninfo.make_conninfo("", **dict.fromkeys(parsed.query, ""))
        except Error as error:
            raise ValueError(" ".join(str(error).split())) from None
        return parsed.set(drivername="postgresql+psycopg")
    if _is_sqlite(parsed) and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise ValueError("give postgresql://USER@HOST/NAME or sqlite:///PATH")


def _is_sqlite(url: URL) -> bool:
    return url.drivername == "sqlite"


def _sqlite(file: Path, busy: float, mode: str, pool: type[sa.Pool], **options: Any) -> Engine:
    address = f"file:{quote(str(file))}?mode={mode}"

    def which() -> tuple[int, int] | None:
        try:
            found = os.stat(file)  # noqa: PTH116 - on every lookup
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, busy, uri=True, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")  # readers go on while a load writes
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=pool, **_JSON, **options)

    @sa.event.listens_for(engine, "connect")
    def remember(_: sqlite3.Connection, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["file"] = which()

    @sa.event.listens_for(engine, "checkout")
    def same(_: sqlite3.Connection, record: sa.pool.ConnectionPoolEntry, __: Any) -> None:
        """A file that was replaced, by a backup say, is opened anew."""
        if record.info["file"] != which():
            raise sa.exc.DisconnectionError("the file was replaced")

    return engine
