"""`churn handbook`: the documents from the shell."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from app.handbook import checking, standards
from app.handbook.findings import ERROR, Finding
from app.handbook.library import Library

handbook = AppGroup("handbook", help="The operating handbook: hold its documents to the standard.")


@handbook.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, readable=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Let warnings count as errors do.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="github: annotations for a pull request.",
)
def check(paths: tuple[Path, ...], strict: bool, form: str) -> None:
    """Hold documents to the standard.

    PATH is a document, a model card, or a folder that holds runbooks/, adrs/ or guides/; without
    one, the service's own documents are checked. Exit status: 0 nothing found, 1 findings
    (warnings count with --strict), 2 a path that is none of these.
    """
    library: Library = current_app.extensions["handbook"]()
    if paths:
        found = [f for path in paths for f in checking.check(path, _today(), _serves)]
    else:
        found = standards.check(library, _today(), _serves)
    if form == "json":
        click.echo(json.dumps([finding.as_dict() for finding in found], indent=2))
    for finding in found if form != "json" else []:
        click.echo(_annotation(finding) if form == "github" else _line(finding))
    errors = sum(finding.level == ERROR for finding in found)
    if form == "text":
        click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    if errors or (strict and found):
        sys.exit(1)


def _line(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}"
    return f"{place}: {finding.level}: {finding.message} [{finding.rule}]"


def _annotation(finding: Finding) -> str:
    """A workflow command: https://docs.github.com/actions/reference/workflow-commands."""

    def escaped(text: str, more: str = "") -> str:
        for sign in "%\r\n" + more:
            text = text.replace(sign, f"%{ord(sign):02X}")
        return text

    place = f"file={escaped(finding.path, ',:')},line={finding.line}"
    return f"::{finding.level} {place},title={finding.rule}::{escaped(finding.message)}"


def _serves(path: str) -> bool:
    """Whether the service answers GET at a path, some document's or another page."""
    try:
        current_app.url_map.bind("localhost").match(path, method="GET")
    except (RequestRedirect, MethodNotAllowed):
        return True
    except HTTPException:
        return False
    return True


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
