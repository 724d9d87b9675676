"""`churn customers`, `churn cache` and `churn database`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from app.customers import Unavailable, scoring, store
from app.customers.cache import TTL
from app.customers.loading import load
from app.customers.progress import lines_of, progress
from app.customers.rejects import file_errors, rejects_path
from app.customers.writing import count
from app.releases import releases
from app.releases.release import Release


@click.group()
def customers() -> None:
    """The stored customers."""


@click.group()
def cache() -> None:
    """The cache before the database."""


@click.group()
def database() -> None:
    """The database of stored customers."""


@customers.command("load")
@click.argument("file", type=click.File("rb"))
@click.option("--rejects", type=click.Path(path_type=Path), help="Where bad rows go.")
@click.option("--strict", is_flag=True, help="Exit with 1 where a row was rejected.")
@with_appcontext
def load_command(file: BinaryIO, rejects: Path | None, strict: bool) -> None:
    """Insert or replace the customers of FILE (CSV or JSON lines; - for standard input).

    Bad rows go to FILE.rejects.csv with line and reason. Run it again after an interruption: no
    customer is lost or doubled.
    """
    name = Path(file.name).name
    rejects = rejects_path(file, rejects)
    with (
        database_errors(),
        progress(f"loading {name}", lines_of(file)) as step,
        file_errors(name),
    ):
        done = load(store(), file, rejects, releases().serving, step)
    where = f" (see {rejects})" if done.rejected else ""
    rows = done.loaded + done.rejected
    click.echo(f"{rows} read, {done.loaded} loaded, {done.rejected} rejected{where}")
    if done.cache_away:
        click.echo(
            f"the cache did not answer: it may show customers as they were for {TTL // 60} minutes",
            err=True,
        )
    if strict and done.rejected:
        sys.exit(1)


@customers.command()
@with_appcontext
def score() -> None:
    """Score the stored customers that have no score by the release in service."""
    with database_errors():
        rescore(_serving())


@cache.command()
@click.option("--most", default=10_000, show_default=True, type=click.IntRange(1))
@with_appcontext
def warm(most: int) -> None:
    """Put the customers most at risk into the cache that CACHE_URL names."""
    release = _serving()
    if not store().cache.url:
        raise click.UsageError("CACHE_URL is not set: each process has a cache of its own")
    with database_errors():
        with store().database.bulk() as connection:
            total = min(most, count(connection))
        with progress("warming the cache", total) as step:
            done = scoring.warm(store(), release, most, step)
    click.echo(f"{done} customers in the cache")
    if done < total:
        click.echo(
            f"others have no score by release {release.version}: churn customers score", err=True
        )


@database.command()
@with_appcontext
def upgrade() -> None:
    """Make the tables, or bring them to the newest migration."""
    from app.customers.migration import upgrade as migrate  # noqa: PLC0415 - imports Alembic

    with database_errors():
        migrate(store().database)
    click.echo("the tables are up to date")


def rescore(release: Release) -> None:
    """Score the stored customers by a release, where they are not yet, and say how many.

    Raises:
        SQLAlchemyError: the database is away.
    """
    file = store().database.embedded
    if file and not file.exists():
        click.echo("no customers are stored")
        return
    with store().database.bulk() as connection:
        total = count(connection, stale_for=release.digests["scorecard.json"])
    with progress("scoring", total) as step:
        scored, skipped = scoring.score(store(), release, step)
    note = f", {skipped} no longer fit the contract: load them again" if skipped else ""
    click.echo(f"{scored} customers scored with release {release.version}{note}")


def _serving() -> Release:
    release = releases().serving
    if release is None:
        raise click.ClickException("no release of the model is in service")
    return release


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn what the database says into one line and exit status 1."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise click.ClickException(database_error(error)) from None
    except Unavailable as error:
        raise click.ClickException(str(error)) from None


_MISSING = ("no such table", "relation ", "unable to open database file")


def database_error(error: sa.exc.SQLAlchemyError) -> str:
    """What the database said, in one line, and what to do where its tables are missing."""
    cause = str(getattr(error, "orig", None) or error).strip()
    line = f"the database says: {cause.splitlines()[0]}"
    missing = any(said in line for said in _MISSING)
    return f"{line}; run churn database upgrade" if missing else line
