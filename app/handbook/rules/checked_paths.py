"""Checks a path that the shell names: a document, card or experiment, or a folder of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from app.handbook.documents.document_types import FOLDERS
from app.handbook.documents.library import Library
from app.handbook.rules import experiment_rules, model_card_rules, standard
from app.handbook.rules.finding import Finding
from model.economics import NAME as ECONOMICS

EXPERIMENTS = "experiments"
"""The folder of experiments, in the one that `churn model init` made or in `model`."""


def check(path: Path, today: datetime.date, serves: Callable[[str], bool]) -> list[Finding]:
    """Return the findings of a path; their paths begin with it.

    Raises:
        click.BadParameter: it is not a document, a card, a folder of documents, or one that
            `churn model init` made.
    """
    if path.is_dir() and (path / model_card_rules.CARD).is_file():
        listed = {str(file): file for file in sorted((path / EXPERIMENTS).glob("*.yaml"))}
        found = sorted(experiment_rules.check_files(listed, path.absolute().parent, today))
        for card in (path / model_card_rules.CARD, *sorted(path.glob("releases/*/card.yaml"))):
            found += sorted(model_card_rules.check_file(card, str(card), today))
        return [*found, *model_card_rules.gaps(path / ECONOMICS)]
    if path.is_dir():
        found = standard.check(_folder(path), today, serves)
        return [replace(finding, path=str(path / finding.path)) for finding in found]
    if path.absolute().parent.name == EXPERIMENTS and path.suffix == ".yaml":
        root = path.absolute().parents[2]
        return sorted(experiment_rules.check_file(path, str(path), root, today))
    if path.suffix in (".yaml", ".yml"):
        return sorted(model_card_rules.check_file(path, str(path), today))
    library, name = _file(path)
    found = standard.check(library, today, serves)
    return [replace(finding, path=str(path)) for finding in found if finding.path == name]


def _folder(path: Path) -> Library:
    if not any((path / folder).is_dir() for folder in FOLDERS.values()):
        names = ", ".join(f"{folder}/" for folder in FOLDERS.values())
        raise click.BadParameter(f"{path} contains none of {names}", param_hint="PATH")
    return Library(path).require_complete()


def _file(path: Path) -> tuple[Library, str]:
    """Make the library of a file; its folder's name, or else its title, tells its kind."""
    if path.suffix != ".md":
        message = f"{path} is neither a document (.md) nor a model card or experiment (.yaml)"
        raise click.BadParameter(message, param_hint="PATH")
    full = path.absolute()
    library = Library(full.parent.parent)
    name = f"{full.parent.name}/{full.name}"
    if name not in library.by_path:
        try:
            library.add(name)
        except OSError as error:
            raise click.BadParameter(f"{path}: {error.strerror}", param_hint="PATH") from None
    return library, name
