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

from app.handbook import standards
from app.handbook.documents import FOLDERS
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

    PATH is a document, or a folder that holds runbooks/, adrs/ or guides/; without one, the
    service's own documents are checked. Exit status: 0 nothing found, 1 findings (warnings count
    with --strict), 2 a path that is neither.
    """
    library: Library = current_app.extensions["handbook"]()
    found = _check(paths) if paths else standards.check(library, _today(), _serves)
    if form == "json":
        click.echo(json.dumps([finding.as_dict() for finding in found], indent=2))
    for finding in found if form != "json" else []:
        click.echo(_annotation(finding) if form == "github" else _line(finding))
    errors = sum(finding.level == ERROR for finding in found)
    if form == "text":
        click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    if errors or (strict and found):
        sys.exit(1)


def _check(paths: tuple[Path, ...]) -> list[Finding]:
    """The findings of each path, named as it was given."""
    found: list[Finding] = []
    for path in paths:
        library, only = _folder(path) if path.is_dir() else _file(path)
        for finding in standards.check(library, _today(), _serves):
            if only is None or finding.path == only:
                shown = str(path if only else path / finding.path)
                found.append(Finding(shown, *_rest(finding)))
    return found


def _folder(path: Path) -> tuple[Library, None]:
    if not any((path / folder).is_dir() for folder in FOLDERS.values()):
        names = ", ".join(f"{folder}/" for folder in FOLDERS.values())
        raise click.BadParameter(f"{path} holds none of {names}", param_hint="PATH")
    return Library(path), None


def _file(path: Path) -> tuple[Library, str]:
    """The library that a file belongs to; its folder's name, or else its title, tells its kind."""
    if path.suffix != ".md":
        raise click.BadParameter(f"{path} is not a markdown file (.md)", param_hint="PATH")
    full = path.absolute()
    library = Library(full.parent.parent)
    name = f"{full.parent.name}/{full.name}"
    if name not in library.by_path:
        try:
            library.add(name)
        except OSError as error:
            raise click.BadParameter(f"{path}: {error.strerror}", param_hint="PATH") from None
    return library, name


def _rest(finding: Finding) -> tuple[int, str, str, str]:
    return finding.line, finding.rule, finding.message, finding.level


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
