"""The database: SQLite by default, PostgreSQL by DATABASE_URL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.customers.store.database_url import _is_sqlite, parse
from app.customers.store.engines import _JSON, _NOTICE_LOSS, _sqlite
from app.resilience.deadline import Limited

T = TypeVar("T")

SECONDS = 1.0
"""That a lookup may take, connecting and waiting for a connection included."""

BUSY = 60.0
"""Seconds that a command waits while another one writes to the same SQLite file."""


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
