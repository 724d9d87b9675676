"""`churn database`: makes its tables, and ends queries that block it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from flask.cli import with_appcontext
from sqlalchemy.engine import Connection

from app.customers.database_errors import database_errors
from app.customers.store import database_activity, database_look
from app.customers.store.database import APPLICATION
from app.customers.store.database_activity import Query
from app.customers.store.database_look import OLD
from app.services import services


@click.group(epilog="Example: churn database queries")
def database() -> None:
    """Maintain the database of stored customers."""


@database.command(epilog="Example: churn database upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the tables to the newest migration.

    Makes them if there are none.
    """
    from app.customers.store.schema_upgrade import upgrade as migrate  # noqa: PLC0415 - imports Alembic

    with database_errors():
        migrate(services().customers.store.database)
    click.echo("the tables are up to date")


@database.command(epilog="Example: churn database queries --older-than 60")
@click.option("--older-than", "seconds", default=0, type=click.IntRange(0), help="In seconds.")
@with_appcontext
def queries(seconds: int) -> None:
    """List running queries and open transactions.

    Shows what blocks them, too. PostgreSQL only.
    """
    with database_errors(), _connection() as connection:
        found = database_activity.queries(connection, seconds)
        hidden = database_activity.hidden(connection)
    for query in found:
        waits = f", waits for {query.waits_for}" if query.waits_for == "Lock" else ""
        blocked = f", blocked by {query.blocked_by}" if query.blocked_by else ""
        click.echo(f"{query.pid}  {query.seconds} s  {query.user}  {query.state}{waits}{blocked}")
        click.echo(f"    {' '.join(query.text.split())}")
    click.echo(f"{len(found)} queries of at least {seconds} s")
    if hidden:
        click.echo(f"{hidden} of others hidden: GRANT pg_read_all_stats shows them", err=True)


@database.command(epilog="Example: churn database end --blocking")
@click.argument("pids", nargs=-1, type=click.IntRange(1), metavar="[PID]...")
@click.option(
    "--older-than",
    "seconds",
    type=click.IntRange(1),
    help=f"End queries of at least so many seconds; {OLD} counts as old.",
)
@click.option(
    "--idle",
    type=click.IntRange(1),
    metavar="SECONDS",
    help="End connections of others than the service that have been idle for so long.",
)
@click.option("--blocking", is_flag=True, help="End queries that block others.")
@with_appcontext
def end(pids: tuple[int, ...], seconds: int | None, idle: int | None, blocking: bool) -> None:
    """End connections and their queries.

    Rolls back their transactions, too. PostgreSQL only. Where no connection is left, give a
    DATABASE_URL of a superuser: PostgreSQL keeps some connections for those.
    """
    if not (pids or seconds or idle or blocking):
        raise click.UsageError(
            "give PIDs of churn database queries, --older-than, --idle or --blocking"
        )
    with database_errors(), _connection() as connection:
        chosen = {*pids, *_matching(database_activity.queries(connection, 0), seconds, blocking)}
        if idle:
            chosen |= database_activity.idle(connection, idle, APPLICATION)
        if blocking and not chosen:  # a blocked lookup gives up within a second: try one
            found = database_look.look(services().customers.store.database)
            chosen |= {pid for pid, _ in found.blockers}
        gone = [pid for pid in sorted(chosen) if not database_activity.end(connection, pid)]
    click.echo(f"{len(chosen) - len(gone)} ended")
    if gone:
        click.echo(f"no longer connected: {', '.join(map(str, gone))}", err=True)
        sys.exit(1)


def _matching(found: Sequence[Query], seconds: int | None, blocking: bool) -> set[int]:
    chosen = {query.pid for query in found if seconds and query.seconds >= seconds}
    if blocking:
        blockers = {int(pid) for query in found for pid in query.blocked_by.split()}
        # Of a chain of queries only the first; the others wait themselves.
        waiting = {query.pid for query in found if query.blocked_by}
        chosen |= blockers - waiting
    return chosen


@contextmanager
def _connection() -> Iterator[Connection]:
    known = services().customers.store.database
    if known.embedded:
        raise click.UsageError(
            "DATABASE_URL is an embedded database, which has no connections to end"
        )
    with known.bulk() as connection:
        # Within a transaction, PostgreSQL would show the activity at its first query.
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
