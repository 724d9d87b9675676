"""What `churn customers score --table` prints."""

from __future__ import annotations

import click

from app.customers.store.source_table import TableError
from app.customers.store.table_scores import TableInUseError
from app.customers.table_scoring import ScoredTable, TableScorer
from app.observability.progress import progress
from app.predictions.scorer import PolicyError
from app.predictions.service import scorer
from app.releases.release_loader import Release
from app.services import services

MAX_SHOWN = 10
"""Rules and columns that are named."""


def score_table(release: Release, table: str, id_column: str, policy: str) -> bool:
    """Score a table, and print how many rows.

    Returns:
        Whether at least half of the rows were good.

    Raises:
        click.UsageError: the table cannot be scored, or the release lacks the policy.
        SQLAlchemyError: the database is down, or refuses.
    """
    one = scorer(release)
    database = services().customers.store.database
    try:
        one.policy(policy)
        with progress(f"scoring {table}") as step:
            done = TableScorer(database, release, one, policy).score(table, id_column, step)
    except PolicyError as error:
        raise click.UsageError(f"--policy: {error}") from None
    except (TableError, TableInUseError) as error:
        raise click.UsageError(_one_line(str(error))) from None
    _tell(done, release, policy)
    return done.rejected <= done.scored


def _tell(done: ScoredTable, release: Release, policy: str) -> None:
    if done.left_out:
        shown = ", ".join(map(_one_line, done.left_out[:MAX_SHOWN]))
        more = len(done.left_out) - MAX_SHOWN
        others = f" and {more} more columns" if more > 0 else ""
        click.echo(f"{done.name}: left out: {shown}{others}", err=True)
    if done.repeated:
        dots = ", ..." if done.repeated > len(done.repeated_ids) else ""
        ids = ", ".join(done.repeated_ids) + dots
        click.echo(f"{done.repeated} ids occur more than once: {ids}", err=True)
    read = done.scored + done.rejected
    where = f"release {release.version}, policy {policy}, into table_scores"
    click.echo(f"{read} read, {done.scored} scored, {done.rejected} rejected ({where})")
    for rule, times in done.rules.most_common(MAX_SHOWN):
        click.echo(f"  {times} {_one_line(rule)}")
    if len(done.rules) > MAX_SHOWN:
        click.echo(f"  and {len(done.rules) - MAX_SHOWN} other reasons")


def _one_line(text: str) -> str:
    """Replace what a terminal doesn't print; names of columns can have line breaks."""
    return "".join(c if c.isprintable() else "?" for c in text)
