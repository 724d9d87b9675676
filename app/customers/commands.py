"""`churn customers`, `churn cache` and `churn database`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from app.customers import rescoring
from app.customers.database_errors import database_errors
from app.customers.files.customer_loader import load
from app.customers.files.customer_reader import read
from app.customers.files.file_options import id_option, rejects_option, strict_option
from app.customers.files.header_matching import HeaderRules
from app.customers.files.read_summary import most_rejected, summary
from app.customers.files.rejected_rows import file_errors, rejects_file, rejects_path
from app.customers.store.cache import TTL
from app.customers.store.writes import count
from app.customers.table_command import score_table
from app.observability.progress import lines_of, progress
from app.releases.release_loader import Release
from app.services import services
from model.scorecard import POLICIES


@click.group(epilog="Example: churn customers load customers.csv")
def customers() -> None:
    """Load and score stored customers."""


@click.group(epilog="Example: churn cache warm")
def cache() -> None:
    """Fill the cache in front of the database."""


@customers.command("load", epilog="Example: churn customers load customers.csv")
@click.argument("file", type=click.File("rb"))
@id_option
@rejects_option
@strict_option
@with_appcontext
def load_command(file: BinaryIO, id_column: str, rejects: Path | None, strict: bool) -> None:
    """Insert or replace the customers of a file.

    FILE is CSV with any delimiter, JSON lines or a JSON array, in UTF-8 or UTF-16, also packed with
    gzip, or Parquet; - reads standard input. Bad rows go to FILE.rejects.csv with line and reason.
    Run the command again after an interruption: no customer is lost or doubled. Exit status 1: more
    than half of the rows were rejected.
    """
    name = Path(file.name).name
    bad = rejects_path(file, rejects)
    store = services().customers.store
    with (
        database_errors(),
        progress(f"loading {name}", lines_of(file)) as step,
        file_errors(name),
        rejects_file(bad) as rejected,
    ):
        found = read(file, name, HeaderRules(store.contract, id_column))
        done = load(store, found, rejected, services().releases.serving, step)
    click.echo(found.how(), err=True)
    for line in summary(done.loaded, "loaded", rejected):
        click.echo(line)
    if done.cache_away:
        click.echo(
            f"the cache did not answer: it may show old features for {TTL // 60} minutes",
            err=True,
        )
    if (strict and done.rejected) or most_rejected(done.loaded, rejected):
        sys.exit(1)


@customers.command(epilog="Example: churn customers score --table crm.subscribers")
@click.option("--table", metavar="NAME", help="Score this table: TABLE or SCHEMA.TABLE.")
@click.option(
    "--id-column",
    "--id",
    "id_column",
    metavar="COLUMN",
    show_default="a usual name",
    help="The table's column with the id.",
)
@click.option(
    "--policy",
    type=click.Choice(POLICIES),
    show_default="default",
    help="Its threshold decides; with --table.",
)
@with_appcontext
def score(table: str | None, id_column: str | None, policy: str | None) -> None:
    """Score stored customers that have no score.

    A score counts if it was computed by the release in service. With --table, score another table
    of the same database instead. It is only read; the scores go into the table table_scores. Exit
    status 1: more than half of its rows were rejected.
    """
    if table is None and (id_column or policy):
        raise click.UsageError("--id-column and --policy go with --table")
    with database_errors():
        if table is None:
            rescore(_serving())
        elif not score_table(_serving(), table, id_column or "", policy or "default"):
            sys.exit(1)


@cache.command(epilog="Example: churn cache warm --most 5000")
@click.option("--most", default=10_000, type=click.IntRange(1), help="Most customers to put there.")
@with_appcontext
def warm(most: int) -> None:
    """Put the customers most at risk into the cache.

    CACHE_URL names the cache.
    """
    release = _serving()
    if not services().customers.store.cache.url:
        raise click.UsageError("CACHE_URL is not set: each process has a cache of its own")
    with database_errors():
        with services().customers.store.database.bulk() as connection:
            total = min(most, count(connection))
        with progress("warming the cache", total) as step:
            done, skipped = rescoring.warm(services().customers.store, release, most, step)
    click.echo(f"{done} customers in the cache{_unfit(skipped)}")
    if done + skipped < total:
        click.echo(
            f"others have no score by release {release.version}: churn customers score", err=True
        )


def rescore(release: Release) -> None:
    """Score the stored customers that have no score by a release, and print how many.

    Raises:
        SQLAlchemyError: the database is down.
    """
    file = services().customers.store.database.embedded
    if file and not file.exists():
        click.echo("no customers are stored")
        return
    with services().customers.store.database.bulk() as connection:
        total = count(connection, stale_for=release.digests["scorecard.json"])
    with progress("scoring", total) as step:
        scored, skipped = rescoring.score(services().customers.store, release, step)
    click.echo(f"{scored} customers scored with release {release.version}{_unfit(skipped)}")


def _unfit(skipped: int) -> str:
    return f", {skipped} break the contract: load them again" if skipped else ""


def _serving() -> Release:
    release = services().releases.serving
    if release is None:
        raise click.ClickException("no release of the model is in service")
    return release
