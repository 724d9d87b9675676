"""One look at the database for checks: whether it answers, how fast, and who keeps it from it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.customers.store.database import Database
from app.customers.store.tables import customers
from app.customers.store.unmade import NO_TABLES
from app.resilience.unavailable import DependencyUnavailable

OLD = 30
"""Seconds after which a running statement counts as old."""

READS = 6
READ_PAUSE = 0.08
"""Reads, and seconds between them: a server with too little processor time is quick in between."""

_FULL = ("too many clients", "remaining connection slots", "too many connections")
"""The server's words when it has no connection left (SQLSTATE 53300). The driver knows no code of
a connection that was refused."""

_LOCKED = "55P03"
_CANCELLED = "57014"
"""SQLSTATEs: a lock was not free in time, and a statement took too long."""

_ROW = sa.select(customers.c.id).limit(1)

# Of another role's session only few columns can be seen; one with a database is a client's.
_CONNECTIONS = sa.text("""
    SELECT count(*) FILTER (WHERE pid <> pg_backend_pid()),
           current_setting('max_connections')::int
               - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true)::int, 0),
           count(*) FILTER (WHERE backend_type IS NULL),
           to_regclass('customers') IS NULL
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL)
""")

_OLD = sa.text("""
    SELECT pid, query_start FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state = 'active'
      AND wait_event_type IS DISTINCT FROM 'Lock'
      AND clock_timestamp() - query_start >= make_interval(secs => :old)
    ORDER BY query_start
""")

# Everyone may read pg_locks; of pg_stat_activity a role sees its own sessions.
_WAITS = sa.text("""
    SELECT count(DISTINCT pid), min(waitstart) FROM pg_locks
    WHERE NOT granted AND waitstart < clock_timestamp() - interval '1 second'
""")
_BLOCKERS = sa.text("""
    SELECT a.pid, a.xact_start FROM pg_stat_activity a
    WHERE cardinality(pg_blocking_pids(a.pid)) = 0 AND a.pid IN (
        SELECT unnest(pg_blocking_pids(pid)) FROM pg_locks
        WHERE NOT granted AND waitstart < clock_timestamp() - interval '1 second'
        UNION
        SELECT pid FROM pg_locks
        WHERE :locked AND granted AND mode = 'AccessExclusiveLock'
          AND relation = to_regclass('customers')
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    ORDER BY a.xact_start
""")

Session = tuple[int, datetime | None]
"""The process id of a connection, and since when it does what it does; None: we may not see it."""


@dataclass
class DatabaseLook:
    """What was seen of a database, as far as it got."""

    embedded: bool
    answered: bool = False
    fault: str = ""
    """Why it cannot be used, or empty."""

    full: str = ""
    """The server's words when it has no connection left, or empty."""

    row: float | None = None
    """Seconds to read a row, the slowest of several; None: it took longer than there was time."""

    locked: bool = False
    """Our own read waited for a lock in vain."""

    connections: int = 0
    most: int = 0
    hidden: int = 0
    """Connections of others whose statements we may not see."""

    waiting: int = 0
    waiting_since: datetime | None = None
    blockers: list[Session] = field(default_factory=list)
    old: list[Session] = field(default_factory=list)


def look(database: Database) -> DatabaseLook:
    """Look at the database with a connection of its own, within a time limit."""
    found = DatabaseLook(database.embedded is not None)
    try:
        database.inspect(partial(_embedded if database.embedded else _server, found))
    except DependencyUnavailable as error:
        if not found.answered:  # otherwise it is slow, and what was seen is kept
            said = str(error)
            found.full = said if any(words in said for words in _FULL) else ""
            found.fault = "" if found.full else said
    return found


def _embedded(found: DatabaseLook, connection: Connection) -> None:
    found.row = _seconds_of_row(connection)
    found.answered = True


def _server(found: DatabaseLook, connection: Connection) -> None:
    counted = connection.execute(_CONNECTIONS).one()
    found.connections, found.most, found.hidden, unmade = counted
    found.answered = True
    found.old = [(pid, since) for pid, since in connection.execute(_OLD, {"old": OLD})]
    if unmade:
        found.fault = NO_TABLES
        return
    try:
        for _ in range(READS):
            found.row = max(found.row or 0.0, _seconds_of_row(connection))
            time.sleep(READ_PAUSE)
    except sa.exc.DBAPIError as error:
        code = getattr(error.orig, "sqlstate", None)
        if code not in (_LOCKED, _CANCELLED):
            raise
        found.row = None
        found.locked = code == _LOCKED
    found.waiting, found.waiting_since = connection.execute(_WAITS).one()
    if found.waiting or found.locked:
        blockers = connection.execute(_BLOCKERS, {"locked": found.locked})
        found.blockers = [(pid, since) for pid, since in blockers]


def _seconds_of_row(connection: Connection) -> float:
    """Time the second of two reads; the first fills the connection's caches."""
    connection.execute(_ROW).scalar_one_or_none()
    started = time.perf_counter()
    connection.execute(_ROW).scalar_one_or_none()
    return time.perf_counter() - started
