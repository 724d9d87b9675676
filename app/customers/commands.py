"""`churn customers`, `churn cache` and `churn database`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.customers import Unavailable, loading, store
from app.customers.reading import FileError
from app.releases import releases


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
    rejects = rejects or Path(f"{'stdin' if name == '<stdin>' else file.name}.rejects.csv")
    with _database_errors(), _progress(f"loading {name}") as step:
        try:
            loaded, rejected = loading.load(store(), file, rejects, releases().serving, step)
        except FileError as error:
            raise click.UsageError(str(error)) from None
        except OSError as error:
            raise click.UsageError(f"{error.filename or name}: {error.strerror}") from None
    where = f" (see {rejects})" if rejected else ""
    click.echo(f"{loaded + rejected} read, {loaded} loaded, {rejected} rejected{where}")
    if strict and rejected:
        sys.exit(1)


@customers.command()
@with_appcontext
def score() -> None:
    """Score the stored customers that have no score by the release in service."""
    release = releases().serving
    if release is None:
        raise click.ClickException("no release of the model is in service")
    with _database_errors(), _progress("scoring") as step:
        scored, skipped = loading.score(store(), release, step)
    note = f", {skipped} no longer fit the contract: load them again" if skipped else ""
    click.echo(f"{scored} scored with release {release.version}{note}")


@cache.command()
@click.option("--most", default=10_000, show_default=True, type=click.IntRange(1))
@with_appcontext
def warm(most: int) -> None:
    """Put the customers most at risk into the cache that CACHE_URL names."""
    release = releases().serving
    if release is None:
        raise click.ClickException("no release of the model is in service")
    if not store().cache.url:
        raise click.UsageError("CACHE_URL is not set: each process has a cache of its own")
    with _database_errors(), _progress("warming the cache") as step:
        done = loading.warm(store(), release, most, step)
    click.echo(f"{done} customers in the cache")


@database.command()
@with_appcontext
def upgrade() -> None:
    """Make the tables, or bring them to the newest migration."""
    from app.customers.migration import upgrade as migrate  # noqa: PLC0415 - imports Alembic

    with _database_errors():
        migrate(store().database)
    click.echo("the tables are up to date")


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except sa.exc.ProgrammingError as error:
        raise click.ClickException(f"{_line(error)}; run churn database upgrade") from None
    except sa.exc.SQLAlchemyError as error:
        raise click.ClickException(_line(error)) from None
    except Unavailable as error:
        raise click.ClickException(str(error)) from None


def _line(error: sa.exc.SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    return f"the database says: {' '.join(str(cause).split())}"


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, elsewhere a line every hundred thousand rows."""
    console = Console(stderr=True)
    if not console.is_terminal:
        done = 0

        def line(rows: int) -> None:
            nonlocal done
            before, done = done, done + rows
            if before // 100_000 != done // 100_000:
                click.echo(f"{what}: {done}", err=True)

        yield line
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=None)
        yield lambda rows: progress.advance(task, rows)
