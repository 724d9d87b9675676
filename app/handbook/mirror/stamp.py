"""What every page of the mirror says about itself."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from app.http.page_shell import commit_of

FILE = "mirror.json"
"""Tells a mirror from other folders."""


@dataclass(frozen=True)
class Stamp:
    """When a mirror was built, from what, and for which service."""

    built: str
    """ISO 8601, UTC, to the second."""

    commit: str
    """Abbreviated; empty if the documents are in no git repository."""

    service: str
    """The address of the living service."""

    version: str
    """The service's."""

    @property
    def time(self) -> datetime.datetime:
        """When it was built."""
        return datetime.datetime.fromisoformat(self.built)

    def text(self) -> str:
        """Return the content of `FILE`, a line for each field."""
        return json.dumps(asdict(self), indent=1) + "\n"


def stamp(root: Path, service: str, now: datetime.datetime) -> Stamp:
    """Make the stamp of a mirror of the documents under `root`."""
    built = now.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return Stamp(built, commit_of(root), service, version("churn"))
