"""The database: SQLite by default, PostgreSQL by DATABASE_URL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.customers.store.database_url import is_sqlite, parse
from app.customers.store.engines import JSON_OPTIONS, KEEPALIVES, sqlite_engine
from app.customers.store.unmade import unmade
from app.observability.metrics import DATABASE_CALLS
from app.resilience.bulkhead import Bulkhead
from app.resilience.deadline import MAX_CONCURRENT_CALLS, TimeLimited
from app.resilience.time_limits import LIMITS
from app.resilience.unavailable import DependencyUnavailable

T = TypeVar("T")

APPLICATION = "churn"
"""The name of the service's connections in pg_stat_activity."""

QUERYING = 4
"""Requests at a time that wait for the database: half of a worker's threads."""

CONNECT_SECONDS = 10
"""Seconds for a command's connection."""

INSPECT_SECONDS = 3.0
"""Time limit of a check's look: a server that is only slow answers in it."""

LOCK_MILLISECONDS = 500
"""For which a check's look waits for a lock; shorter waits are normal."""

BULK_LOCK_SECONDS = 30
"""Seconds that a command waits for a lock on the server; a batch holds its own for less."""

SQLITE_BUSY_SECONDS = 60.0
"""Seconds that a command waits while another command writes the same SQLite file."""


class Database:
    """Connections to the database, made at the first use in each process.

    Args:
        url: as DATABASE_URL.
        seconds: time limit of a lookup.

    Raises:
        ValueError: the address is not one of SQLite or PostgreSQL.
    """

    def __init__(self, url: str, seconds: float = LIMITS.lookup) -> None:
        self.url = parse(url)
        self.embedded = Path(self.url.database or "") if is_sqlite(self.url) else None
        """The file of an SQLite database, or None."""
        self.limited = TimeLimited(
            "database", seconds, (sa.exc.SQLAlchemyError,), in_progress=DATABASE_CALLS
        )
        self._inspecting = TimeLimited("database", INSPECT_SECONDS, (), most=2)
        self.querying = Bulkhead("database", QUERYING)
        """Requests that read stored customers; of probes and checks there are few."""

    @cached_property
    def engine(self) -> Engine:
        """The engine for lookups; the server enforces the time limit where it can."""
        seconds = self.limited.seconds
        if self.embedded:
            return sqlite_engine(
                self.embedded, seconds, sa.QueuePool, pool_size=MAX_CONCURRENT_CALLS
            )
        milliseconds = f"{seconds * 900:.0f}"  # 90 % of the time limit
        options = f"{self.url.query.get('options', '')} -c statement_timeout={milliseconds}"
        return sa.create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",  # no BEGIN and ROLLBACK around each lookup
            pool_size=MAX_CONCURRENT_CALLS,
            max_overflow=0,
            pool_timeout=seconds,
            pool_pre_ping=True,
            **JSON_OPTIONS,
            connect_args={"connect_timeout": 2, "options": options, **self._named},
        )

    @property
    def _named(self) -> dict[str, Any]:
        """What all connections have: a name, by which others can be told from the service's."""
        named = self.url.query.get("application_name", APPLICATION)
        return {"application_name": named, **KEEPALIVES}

    @contextmanager
    def bulk(self) -> Iterator[Connection]:
        """Open one connection for commands that load and score, without a statement timeout.

        It waits for a lock for as long as DATABASE_URL says, or else BULK_LOCK_SECONDS.
        """
        if self.embedded:
            engine = sqlite_engine(self.embedded, SQLITE_BUSY_SECONDS, sa.NullPool)
        else:
            options = f"-c lock_timeout={BULK_LOCK_SECONDS}s {self.url.query.get('options', '')}"
            limits = {"connect_timeout": CONNECT_SECONDS, "options": options, **self._named}
            engine = sa.create_engine(
                self.url, poolclass=sa.NullPool, connect_args=limits, **JSON_OPTIONS
            )
        with self._connect(engine) as connection:
            yield connection

    def _connect(self, engine: Engine) -> Connection:
        """Connect for a command; the driver's limit doesn't cover the resolution of the name.

        Raises:
            SQLAlchemyError: the database is down, or its name is not resolved in time.
        """
        if self.embedded:
            return engine.connect()
        try:
            return self.limited.run(engine.connect, CONNECT_SECONDS)
        except DependencyUnavailable as error:
            raise sa.exc.TimeoutError(str(error)) from None

    def read(self, work: Callable[[Connection], T], seconds: float | None = None) -> T:
        """Run `work` with a connection, within the time limit or these seconds.

        Raises:
            DependencyUnavailable: the database is down or too slow.
        """
        engine = self.engine  # made before the time counts: its driver takes long to import

        def connected() -> T:
            with engine.connect() as connection:
                return work(connection)

        return self.limited(connected, seconds)

    def inspect(self, work: Callable[[Connection], None]) -> None:
        """Run a check's `work` with a new connection, whatever state the circuit is in.

        Raises:
            DependencyUnavailable: it cannot be connected to or used, or took too long.
        """
        try:
            self._inspecting.run(partial(self._inspected, work))
        except sa.exc.SQLAlchemyError as error:
            if missing := unmade(self.embedded, error):
                raise DependencyUnavailable(missing) from error
            said = str(getattr(error, "orig", None) or error).strip()
            line = (said.splitlines() or [type(error).__name__])[-1]
            raise DependencyUnavailable(f"database: {line[:200]}") from error

    def _inspected(self, work: Callable[[Connection], None]) -> None:
        if self.embedded:
            engine = sqlite_engine(self.embedded, INSPECT_SECONDS, sa.NullPool)
        else:
            options = f"{self.url.query.get('options', '')} -c lock_timeout={LOCK_MILLISECONDS}"
            options += f" -c statement_timeout={INSPECT_SECONDS * 800:.0f}"
            limits = {"connect_timeout": 3, "options": options, **self._named}
            engine = sa.create_engine(
                self.url,
                isolation_level="AUTOCOMMIT",
                poolclass=sa.NullPool,
                connect_args=limits,
                **JSON_OPTIONS,
            )
        with engine.connect() as connection:
            work(connection)

    def generation(self) -> str:
        """Change whenever any process writes the SQLite file; empty for PostgreSQL."""
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
