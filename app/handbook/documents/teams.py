"""Reads `owners.yaml`: the teams that own, review and decide."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.handbook.documents import located_yaml, slugs
from app.handbook.documents.source import Fault

FILE = "owners.yaml"
"""Beside the documents' folders."""


@dataclass(frozen=True)
class Team:
    """A team."""

    name: str
    owns: str
    """What it is responsible for."""

    channel: str
    """Where to reach it, or empty."""

    line: int
    """Where the file names it."""

    @property
    def id(self) -> str:
        """Its id on the page of reviews."""
        return anchor(self.name)


def anchor(name: str) -> str:
    """Return the id on the page of reviews of any owner."""
    return f"team-{slugs.slug(name, 60)}"


def read(root: Path) -> tuple[list[Team], list[Fault]]:
    """Return the teams and what is wrong with the file; nothing if there is no file.

    Args:
        root: the parent of the documents' folders.
    """
    if not (root / FILE).is_file():
        return [], []
    node, faults = located_yaml.read(root / FILE)
    entries = located_yaml.items(located_yaml.get(node, "teams"))
    if not entries and not faults:
        faults = [Fault("teams", 1, "no teams: write `teams:` and a list of `name` and `owns`")]
    found = []
    for entry in entries:
        values = located_yaml.texts(entry)
        name, owns = (values.get(key, "").strip() for key in ("name", "owns"))
        line = located_yaml.line(entry)
        if not name or not owns:
            faults = [*faults, Fault("teams", line, "give each team its `name` and what it `owns`")]
        if name:
            found.append(Team(name, owns, values.get("channel", "").strip(), line))
    return found, faults
