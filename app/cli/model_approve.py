"""`churn model approve`: a team approves a release for service."""

from __future__ import annotations

import datetime

import click
from flask.cli import with_appcontext

from app.cli.requested_release import requested_release
from app.config import ROOT
from app.handbook.documents import teams
from app.handbook.editing import reviews
from app.releases.approval import Approval, write_approval
from app.services import services
from app.writing.unfinished_folders import sweep


@click.command(epilog="Example: churn model approve 1.1.0 --by 'ML engineers'")
@click.argument("version")
@click.option("--by", "team", required=True, metavar="TEAM", help="The team, as in owners.yaml.")
@with_appcontext
def approve(version: str, team: str) -> None:
    """Approve a release for service.

    Writes approval.yaml into the folder of release VERSION, with the SHA-256 of its card. Promotion
    asks for it. Another team's approval takes the place of an older one.
    """
    try:
        reviews.check_team(ROOT, team)
    except reviews.ReviewError as error:
        names = ", ".join(known.name for known in teams.read(ROOT)[0])
        told = f". Teams: {names}" if names else ""
        raise click.UsageError(f"--by: {error}{told}") from None
    known = services().releases
    release = requested_release(known, version)
    sweep(release.path)
    before = release.approval
    if before and before.team == team:
        click.echo(f"{version} is approved already, by {team} on {before.date}")
        return
    approval = Approval(team, datetime.datetime.now(datetime.UTC).date())
    try:
        write_approval(release.path, release.card_digest, approval)
    except OSError as error:
        raise click.ClickException(f"{release.path}: {error.strerror}") from None
    replaced = f" (in place of {before.team}, {before.date})" if before else ""
    click.echo(f"{version} approved by {team} on {approval.date}{replaced}")
