"""What `churn model experiment` was asked for, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.config import ROOT
from app.handbook.documents import teams
from app.handbook.rules import team_names
from model.training.experiment_variants import VARIED, parse

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


@dataclass(frozen=True)
class Asked:
    """A new experiment, as it was asked for."""

    slug: str
    vary: str
    question: str
    owner: str
    folder: Path | None
    data: Path | None
    target: str

    @property
    def command(self) -> str:
        """The command without what people write; of paths only the last part."""
        parts = ["churn model experiment", self.slug, "--vary", self.vary]
        if self.folder:
            parts += ["--from", self.folder.name]
        elif self.data:
            parts += ["--data", self.data.name, "--target", self.target]
        return " ".join(parts)


def faults_of(
    given: dict[str, str | None], *, again: int | None, check: bool, listed: bool
) -> Iterator[str]:
    """Yield everything that is wrong with the options together, and with each."""
    if again is not None or listed:
        mode = "--list" if listed else "--again"
        alone = {**given, "--again": again if listed else None, "--check": check and listed}
        yield from (f"{name}: leave it out with {mode}" for name, value in alone.items() if value)
        return
    if check:
        yield "--check: give --again NNN, too"
    slug, vary, owner = given["SLUG"], given["--vary"], given["--owner"]
    if not slug:
        yield "SLUG: give a short name, such as number-of-factors"
    elif not _SLUG.match(slug):
        yield f"{slug[:40]!r} is no name for a file: give small letters, digits and hyphens"
    if not vary:
        yield f"--vary: give NAME=VALUE,VALUE; NAME is one of {', '.join(VARIED)}"
    else:
        try:
            parse(vary)
        except ValueError as error:
            yield f"--vary: {error}"
    names = [team.name for team in teams.read(ROOT)[0]]
    if owner and (fault := team_names.unknown(owner, names)):
        yield f"--owner: {fault}"
