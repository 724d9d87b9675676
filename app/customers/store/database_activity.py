"""The activity of a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

OLD = 300
"""Seconds after which a query counts as stuck."""

_COUNTS = sa.text("""
    SELECT count(*), current_setting('max_connections')::int,
           count(*) FILTER (WHERE wait_event_type = 'Lock' AND now() - query_start > '1 second'),
           count(*) FILTER (WHERE state <> 'idle'
                            AND now() - query_start > make_interval(secs => :old))
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
""")

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

_END = sa.text("SELECT pg_terminate_backend(:pid)")


@dataclass(frozen=True)
class Activity:
    """Connections, their maximum, connections that wait for a lock, and old queries.

    Waits of less than a second are normal and not counted.
    """

    connections: int
    most: int
    waiting: int
    old: int


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


def activity(connection: Connection) -> Activity:
    """Count the connections of the server."""
    return Activity(*connection.execute(_COUNTS, {"old": OLD}).one())


def queries(connection: Connection, seconds: int) -> list[Query]:
    """List queries and idle transactions that are at least this many seconds old."""
    return [Query(*row) for row in connection.execute(_QUERIES, {"old": seconds})]


def end(connection: Connection, pid: int) -> bool:
    """End a connection and its query; return False if it is gone or we may not end it."""
    return bool(connection.execute(_END, {"pid": pid}).scalar_one())
