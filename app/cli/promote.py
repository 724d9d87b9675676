"""`churn model promote`, `rollback` and `withdraw`: choose the release that serves."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli.requested_release import requested_release
from app.diagnostics import processes
from app.releases.approval import unapproved
from app.releases.registry import NEEDS_RESTART, ReleaseRegistry
from app.releases.release_loader import Release
from app.releases.serving_pointer import NAME, Pointer, PointerError, read, write
from app.services import services
from app.writing.unfinished_folders import sweep


@click.command(epilog="Example: churn model promote 1.1.0")
@click.argument("version", required=False)
@click.option(
    "--in-service",
    is_flag=True,
    help="The release that running workers have in service: repairs a damaged serving.json.",
)
@with_appcontext
def promote(version: str | None, in_service: bool) -> None:
    """Let a release serve.

    A team must have approved it: churn model approve. Running workers switch to release VERSION
    within a second; then the stored customers are scored with it. A release with another feature
    contract serves only after a restart.
    """
    if bool(version) == in_service:
        raise click.UsageError("give either VERSION or --in-service")
    known = services().releases
    release = requested_release(known, version or _in_service())
    if release.approval is None and not in_service:
        raise click.ClickException(
            f"release {release.version} is {unapproved(release.path)}: "
            f"churn model approve {release.version} --by TEAM"
        )
    _switch(known, release.version)


@click.command(epilog="Example: churn model rollback")
@with_appcontext
def rollback() -> None:
    """Let the previous release serve.

    Then the stored customers are scored with it. There is one way back: a second rollback changes
    nothing, but finishes an interrupted one.
    """
    known = services().releases
    pointed = _pointed(known)
    previous = pointed.previous if pointed else None
    if previous is None:
        if pointed and known.serving:
            _rescore(known.serving)
        raise click.ClickException("there is no previous release")
    if refusal := known.refused.get(previous):
        raise click.ClickException(f"release {previous} is refused: {refusal.reason}")
    if known.get(previous) is None:
        raise click.ClickException(f"release {previous} is no longer in {known.model_dir}")
    _switch(known, previous, back=True)


@click.command(epilog="Example: churn model withdraw")
@with_appcontext
def withdraw() -> None:
    """Put refused releases aside.

    Renames the folder of each, such as 1.2.0 to 1.2.0.withdrawn, so that it counts no longer.
    Changes nothing where no other release can serve.
    """
    known = services().releases
    chosen = [version for version in sorted(known.refused) if version != NAME]
    if not chosen:
        raise click.ClickException("no release is refused")
    if known.serving is None:
        raise click.ClickException("no other release can serve: restore one first")
    for version in chosen:
        aside = known.model_dir / f"{version}.withdrawn"
        try:
            (known.model_dir / version).rename(aside)
        except OSError as error:
            raise click.ClickException(f"{aside}: {error.strerror}") from None
        click.echo(f"{version} withdrawn: {aside.name}")


def _in_service() -> str:
    """Return the version that the running workers serve.

    Raises:
        ClickException: no worker runs, or they differ.
    """
    name = "churn_model_release_serving"
    found = [
        label
        for (series, labels), value in processes.samples().items()
        for _, label in labels
        if series == name and value
    ]
    if len(found) != 1:
        raise click.ClickException("no running worker says which release it serves: give VERSION")
    return found[0]


def _pointed(known: ReleaseRegistry) -> Pointer | None:
    sweep(known.model_dir)
    try:
        return read(known.model_dir)
    except PointerError:  # a promotion repairs it
        return None


def _switch(known: ReleaseRegistry, version: str, *, back: bool = False) -> None:
    """Let a release serve, and score the stored customers with it.

    Run again after an interruption, it finishes what was left to do.

    Args:
        known: the releases.
        version: of the release.
        back: whether it served before; then the other one isn't kept to go back to.
    """
    serves = known.serving.version if known.serving else None
    pointed = _pointed(known)
    if version == serves and pointed and pointed.serving == version:
        click.echo(f"{version} is promoted already")
        if known.serving:
            _rescore(known.serving)
        return
    # A release that serves because it is the newest becomes the chosen one.
    before = serves if serves != version else None
    try:
        write(known.model_dir, Pointer(version, None if back else before))
    except OSError as error:
        raise click.ClickException(f"{known.model_dir}: {error.strerror}") from None
    known.refresh()
    if known.waiting:
        click.echo(f"{version} {NEEDS_RESTART}. Then run churn customers score")
        return
    click.echo(f"{version} serves" + (f" ({before} before)" if before else ""))
    if known.serving:
        _rescore(known.serving)


def _rescore(release: Release) -> None:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - a third of a start

    from app.customers.commands import rescore  # noqa: PLC0415 - imports it too
    from app.customers.database_errors import database_error  # noqa: PLC0415 - imports it too

    try:
        rescore(release)
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"{release.version} serves, but stored customers have no score by it yet "
            f"({database_error(error)}); run churn customers score"
        ) from None
