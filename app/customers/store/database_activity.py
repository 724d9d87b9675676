"""The activity of a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# Never the full text of a query: it may contain a customer's id.
_QUERIES = sa.text("""
    SELECT pid, usename, application_name, state, coalesce(wait_event_type, ''),
           extract(epoch FROM now() - query_start)::int,
           array_to_string(pg_blocking_pids(pid), ' '), left(split_part(query, ' WHERE ', 1), 60)
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'
      AND now() - query_start >= make_interval(secs => :old)
    ORDER BY query_start
""")

_HIDDEN = sa.text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type IS NULL AND datid IS NOT NULL
""")

_IDLE = sa.text("""
    SELECT pid FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
      AND application_name <> :ours AND state LIKE 'idle%'
      AND now() - state_change >= make_interval(secs => :idle)
""")

_END = sa.text("SELECT pg_terminate_backend(:pid)")


@dataclass(frozen=True)
class Query:
    """A query, or an idle transaction that holds its locks."""

    pid: int
    user: str
    application: str
    state: str
    waits_for: str
    seconds: int
    blocked_by: str
    text: str


def queries(connection: Connection, seconds: int) -> list[Query]:
    """List queries and idle transactions that are at least this many seconds old."""
    return [Query(*row) for row in connection.execute(_QUERIES, {"old": seconds})]


def hidden(connection: Connection) -> int:
    """Count the connections of others whose queries our role may not see."""
    return int(connection.execute(_HIDDEN).scalar_one())


def idle(connection: Connection, seconds: int, ours: str) -> set[int]:
    """Return the connections of others that have done nothing for this many seconds.

    Args:
        connection: to the server.
        seconds: for which they were idle, also within a transaction.
        ours: the name of the service's own connections, which don't count.
    """
    return set(connection.scalars(_IDLE, {"idle": seconds, "ours": ours}))


def end(connection: Connection, pid: int) -> bool:
    """End a connection and its query; return False if it is gone or we may not end it."""
    return bool(connection.execute(_END, {"pid": pid}).scalar_one())
