"""`churn handbook`: writes, checks and reviews documents."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app.handbook import catalogue
from app.handbook.documents import command_blocks
from app.handbook.documents.document_types import FOLDERS, Document
from app.handbook.documents.library import Library
from app.handbook.editing import drafts, reviews
from app.handbook.mirror.build_command import build
from app.handbook.rules import checked_paths, standard
from app.handbook.rules.finding import ERROR, Finding
from app.http import known_paths
from app.services import services

handbook = AppGroup(
    "handbook",
    help="Write, check and review documents.",
    epilog="Example: churn handbook check",
)
handbook.add_command(build)


@handbook.command(epilog="Example: churn handbook check --strict runbooks")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, readable=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How to print findings; github: as annotations of a pull request.",
)
def check(paths: tuple[Path, ...], strict: bool, form: str) -> None:
    """Check documents against the standard.

    PATH is a document, a model card, an experiment, a folder with runbooks/, adrs/, guides/ or
    incidents/, or one that churn model init made; by default the service's own documents are
    checked. Exit status: 0 no findings, 1 findings (warnings count with --strict), 2 PATH is none
    of these.
    """
    if paths:
        found = [
            f for path in paths for f in checked_paths.check(path, _today(), known_paths.serves)
        ]
    else:
        found = standard.check(
            services().library().require_complete(),
            _today(),
            known_paths.serves,
            services().checks.names,
        )
    if form == "json":
        click.echo(json.dumps([finding.as_dict() for finding in found], indent=2))
    for finding in found if form != "json" else []:
        click.echo(_annotation(finding) if form == "github" else _line(finding))
    errors = sum(finding.level == ERROR for finding in found)
    if form == "text":
        click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
        if not paths:
            counts = command_blocks.proofs(services().library())
            kinds = ", ".join(f"{number} {words[0].lower()}{words[1:]}" for words, number in counts)
            click.echo(f"blocks of commands: {kinds}", err=True)
    if errors or (strict and found):
        sys.exit(1)


@handbook.command(epilog="Example: churn handbook new adr 'Use a queue'")
@click.argument("kind", type=click.Choice(list(FOLDERS)))
@click.argument("title")
@click.option(
    "--supersedes",
    metavar="NNN",
    type=click.IntRange(1, 999_999),
    help="For an adr: the number of the decision that it supersedes.",
)
def new(kind: str, title: str, supersedes: int | None) -> None:
    """Write the skeleton of a document.

    The skeleton says what belongs where. A decision gets the next number; --supersedes also changes
    the status of the older decision. An incident's file begins with today's date.
    """
    if supersedes is not None and kind != "adr":
        raise click.UsageError("--supersedes is only for an adr: edit other documents instead")
    try:
        written = drafts.draft(
            services().library().require_complete(), kind, title, _today(), supersedes
        )
    except drafts.DraftError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from None
    for path in written:
        click.echo(path)
    click.echo(f"fill it in, then run churn handbook check --strict {written[0]}", err=True)


@handbook.command(epilog="Example: churn handbook review high-api-latency --by 'Service team'")
@click.argument("slug", required=False)
@click.option("--by", "team", required=True, metavar="TEAM", help="The team that reviewed it.")
def review(slug: str | None, team: str) -> None:
    """Sign the review of a runbook or guide.

    Without SLUG it is the one that has been overdue for longest. Shows the document, its age, its
    findings and what changed since the last review. Asks whether it is right, then sets the date.
    """
    library, today = services().library(), _today()
    try:
        document = reviews.find(library, slug) if slug else reviews.most_overdue(library, today)
        reviews.check_team(library.root, team)
        _show(library, document, today)
        if not click.confirm(f"Has {team} compared it with the running system, and is it right?"):
            click.echo("not signed, nothing changed", err=True)
            sys.exit(1)
        reviews.sign(library.root, document, team, today)
    except reviews.ReviewError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from None
    click.echo(f"{document.path}: reviewed by {team} on {today}")


def _show(library: Library, document: Document, today: datetime.date) -> None:
    """Show what a reviewer needs to know."""
    click.echo(document.source.text.rstrip() + "\n")
    if document.last_updated:
        age = (today - document.last_updated).days
        state = "overdue" if document.is_overdue(today) else f"due by {document.review_by}"
        click.echo(f"Last reviewed {document.last_updated}, {age} days ago: {state}")
    else:
        click.echo("Never reviewed: it has no date")
    found = standard.by_path(standard.check(library, today, known_paths.serves))
    for finding in found.get(document.path, []):
        click.echo(_line(finding))
    try:
        lines = reviews.changes(library.root, document)
    except reviews.ReviewError as error:
        click.echo(f"Can't tell what changed since: {error}")
        return
    click.echo(
        "Changes since then, in the document and in what it links to:"
        if lines
        else "Nothing changed since."
    )
    for line in lines:
        click.echo(f"  {line}")


@handbook.command("list", epilog="Example: churn handbook list --overdue")
@click.option("--overdue", is_flag=True, help="Only documents whose review is overdue.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output."
)
def list_(overdue: bool, form: str) -> None:
    """List the documents by review date."""
    found = catalogue.entries(
        services().library(), _today(), known_paths.serves, services().checks.names
    )
    if overdue:
        found = [entry for entry in found if entry["status"] == "overdue"]
    found.sort(key=lambda entry: (entry["review_by"] or "9999", entry["kind"], entry["slug"]))
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    columns = ("kind", "slug", "owner", "last_updated", "review_by", "status")
    rows = [[str(entry[name] or "-") for name in columns] for entry in found]
    rows.insert(0, [name.replace("_", " ") for name in columns])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _line(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}"
    return f"{place}: {finding.level}: {finding.message} [{finding.rule}]"


def _annotation(finding: Finding) -> str:
    """Write a workflow command: https://docs.github.com/actions/reference/workflow-commands."""

    def escaped(text: str, more: str = "") -> str:
        for sign in "%\r\n" + more:
            text = text.replace(sign, f"%{ord(sign):02X}")
        return text

    place = f"file={escaped(finding.path, ',:')},line={finding.line}"
    return f"::{finding.level} {place},title={finding.rule}::{escaped(finding.message)}"


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
