"""Faults of PostgreSQL."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

import psycopg

from drills.faults.fault import DOWN, Fault
from drills.processor_quota import processor_quota
from drills.stack import Stack
from tools.servers import wait_until

HEAVY = "SELECT sum(sqrt(a) * b) FROM generate_series(1, 200000) a, generate_series(1, 200000) b"

IDLE_SECONDS = 11
"""How long forgotten connections have been idle when the runbook's reader ends them."""

CAMPAIGN = 0.6
"""Share of lookups that ask the database, in a campaign for customers who aren't cached."""


@contextmanager
def frozen(stack: Stack) -> Iterator[None]:
    """Stop all processes of the server, as a frozen machine does."""
    stack.postgresql.send(signal.SIGSTOP)
    try:
        yield
    finally:
        stack.postgresql.send(signal.SIGCONT)


@contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Hold a lock on the table in an open transaction."""
    with closing(psycopg.connect(stack.environ["DATABASE_URL"])) as holder:
        holder.execute("LOCK TABLE customers")
        yield


@contextmanager
def heavy_queries(stack: Stack) -> Iterator[None]:
    """Let another application compute on a server that has little processor time."""
    with ExitStack() as later:
        later.enter_context(_campaign(stack))
        connection = later.enter_context(closing(psycopg.connect(stack.others_url)))

        def compute() -> None:
            with suppress(psycopg.Error):  # it is ended
                connection.execute(HEAVY)

        thread = threading.Thread(target=compute)
        later.callback(thread.join)
        later.callback(_end_others, stack)
        thread.start()
        later.enter_context(
            processor_quota(stack.postgresql, share=0.3, period=1.0, used_up=thread.is_alive)
        )
        yield


@contextmanager
def no_connection(stack: Stack) -> Iterator[None]:
    """Let another application keep connections until none is left, then deploy: new workers."""
    with ExitStack() as later:
        later.callback(stack.churn_signal, signal.SIGHUP)
        later.callback(_end_others, stack)

        def none_left() -> bool:
            with suppress(psycopg.OperationalError):
                while True:
                    later.enter_context(closing(psycopg.connect(stack.others_url)))
            return _end_service(stack) == 0

        stack.churn_signal(signal.SIGHUP)  # what its workers give back is taken, too
        wait_until(none_left, "no connection is left, and the service has none")
        yield


def idle_long_enough(stack: Stack) -> bool:
    """Whether all of another application's connections have been idle for a while."""
    with psycopg.connect(stack.admin_url) as admin:
        found = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reporting'"
            f" AND now() - state_change < interval '{IDLE_SECONDS} seconds'"
        ).fetchone()
    return found == (0,)


@contextmanager
def _campaign(stack: Stack) -> Iterator[None]:
    usual, stack.traffic.unknown = stack.traffic.unknown, CAMPAIGN
    try:
        yield
    finally:
        stack.traffic.unknown = usual


def _end_service(stack: Stack) -> int:
    """End the connections that the service has; return how many it had."""
    with psycopg.connect(stack.admin_url) as admin:
        return admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'churn'"
        ).rowcount


def _end_others(stack: Stack) -> None:
    """End what another application's connections still do."""
    with psycopg.connect(stack.admin_url) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reporting'"
        )


FROZEN = Fault(
    "all processes of PostgreSQL stopped",
    "ChurnApiDatabaseDown",
    "database.frozen",
    frozen,
)
LOCKED = Fault(
    "an open transaction that has locked the table",
    "ChurnApiDatabaseDown",
    "database.locks",
    locked,
)
QUERIES = Fault(
    "a statement that computes for minutes on a server with little processor time",
    "ChurnApiDatabaseSlow",
    "database.queries",
    heavy_queries,
)
CONNECTIONS = Fault(
    "another application that keeps every connection, then a deployment",
    "ChurnApiDatabaseDown",
    "database.connections",
    no_connection,
    DOWN,
    idle_long_enough,
)
