"""`churn database queries` and `churn database end`: see and end what holds up the database."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from flask.cli import with_appcontext
from sqlalchemy.engine import Connection

from app.customers import customer_store
from app.customers.database_errors import database_errors
from app.customers.store import database_activity
from app.customers.store.database_activity import OLD, Query

PATIENCE = 5.0
"""Seconds to look for one that others wait for."""


@click.group()
def database() -> None:
    """The database of stored customers."""


@database.command()
@with_appcontext
def upgrade() -> None:
    """Make the tables, or bring them to the newest migration."""
    from app.customers.store.schema_upgrade import upgrade as migrate  # noqa: PLC0415 - imports Alembic

    with database_errors():
        migrate(customer_store().database)
    click.echo("the tables are up to date")


@database.command()
@click.option("--older-than", "seconds", default=0, show_default=True, type=click.IntRange(0))
@with_appcontext
def queries(seconds: int) -> None:
    """List running queries and open transactions of PostgreSQL, and what blocks them."""
    with database_errors(), _connection() as connection:
        found = database_activity.queries(connection, seconds)
    for query in found:
        waits = f", waits for {query.waits_for}" if query.waits_for == "Lock" else ""
        blocked = f", blocked by {query.blocked_by}" if query.blocked_by else ""
        click.echo(f"{query.pid}  {query.seconds} s  {query.user}  {query.state}{waits}{blocked}")
        click.echo(f"    {' '.join(query.text.split())}")
    click.echo(f"{len(found)} queries of at least {seconds} s")


@database.command()
@click.argument("pids", nargs=-1, type=click.IntRange(1), metavar="[PID]...")
@click.option(
    "--older-than",
    "seconds",
    type=click.IntRange(1),
    help=f"End every query of at least so many seconds; {OLD} is what diagnose calls stuck.",
)
@click.option("--blocking", is_flag=True, help="End what others wait for.")
@with_appcontext
def end(pids: tuple[int, ...], seconds: int | None, blocking: bool) -> None:
    """End connections of PostgreSQL, and with them their queries and transactions."""
    if not (pids or seconds or blocking):
        raise click.UsageError(
            "say which: PIDs of churn database queries, --older-than, --blocking"
        )
    with database_errors(), _connection() as connection:
        chosen = {*pids, *_matching(database_activity.queries(connection, 0), seconds, blocking)}
        looked = time.monotonic()
        while blocking and not chosen and time.monotonic() - looked < PATIENCE:
            # Who waits gives up within a second, and does not come back at once.
            time.sleep(0.1)
            chosen |= _matching(database_activity.queries(connection, 0), seconds, blocking)
        gone = [pid for pid in sorted(chosen) if not database_activity.end(connection, pid)]
    click.echo(f"{len(chosen) - len(gone)} ended")
    if gone:
        click.echo(f"not there any more: {', '.join(map(str, gone))}", err=True)
        sys.exit(1)


def _matching(found: Sequence[Query], seconds: int | None, blocking: bool) -> set[int]:
    chosen = {query.pid for query in found if seconds and query.seconds >= seconds}
    if blocking:
        blockers = {int(pid) for query in found for pid in query.blocked_by.split()}
        # Of a chain, its head alone: those between wait themselves.
        waiting = {query.pid for query in found if query.blocked_by}
        chosen |= blockers - waiting
    return chosen


@contextmanager
def _connection() -> Iterator[Connection]:
    known = customer_store().database
    if known.embedded:
        raise click.UsageError("DATABASE_URL is an embedded database: it has no connections to end")
    with known.bulk() as connection:
        # Within a transaction PostgreSQL shows the activity as it was when it was first asked.
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
