"""The documents as objects: runbook, decision and guide with their parts."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from app.handbook.documents.document_text import DocumentText
from app.handbook.documents.sections import Field, Section
from app.handbook.documents.source import Source

FOLDERS = {"runbook": "runbooks", "adr": "adrs", "guide": "guides", "incident": "incidents"}
"""The folder, and the first part of the page's address, by kind of document."""

DATED = ("adr", "incident")
"""Kinds with the date of what they tell; they are never reviewed."""

REVIEW_AFTER = datetime.timedelta(days=90)
"""A review is overdue this long after the last update."""

STATUSES = ("Proposed", "Accepted", "Rejected", "Deprecated", "Superseded")
SEVERITIES = {"P1": "Critical", "P2": "Warning", "P3": "Info"}

_FILE_NUMBER = re.compile(r"(\d{1,6})-(?!\d\d-\d\d(?:-|\Z))")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)


@dataclass(frozen=True)
class Document:
    """A document of any kind."""

    kind: str
    slug: str
    path: str
    """Relative to the parent of the documents' folders, with `/`."""

    source: Source
    text: DocumentText
    sections: list[Section]
    footer: dict[str, Field]
    heading: str
    """The first heading of level 1 as written, or empty."""

    title: str
    """The heading without "Runbook:" or "ADR-NNN:"; without a heading, the slug in words."""

    @property
    def url(self) -> str:
        """The page's path on this service, quoted."""
        return f"/{FOLDERS[self.kind]}/{quote(self.slug)}"

    @property
    def owner(self) -> str:
        """The team that owns it, or empty."""
        return self._footer("deciders" if self.kind == "adr" else "owner")

    @property
    def reviewers(self) -> str:
        """The teams that reviewed it, as written, or empty."""
        return self._footer("reviewers")

    @cached_property
    def last_updated(self) -> datetime.date | None:
        """The date in the footer, if it is one."""
        return parse_date(self._footer("date" if self.kind in DATED else "last updated"))

    @property
    def review_by(self) -> datetime.date | None:
        """The last day of its review period, if its kind is reviewed."""
        updated = None if self.kind in DATED else self.last_updated
        return updated + REVIEW_AFTER if updated else None

    def is_overdue(self, today: datetime.date) -> bool:
        """Whether its review period has passed."""
        due = self.review_by
        return due is not None and due < today

    def section(self, title: str) -> Section | None:
        """Return the section with that title; "and" and "&" are equal."""
        return find(self.sections, title)

    @property
    def heading_id(self) -> str:
        """The id of the first heading of level 1, or empty."""
        return next((h.id for h in self.text.headings if h.level == 1), "")

    def _footer(self, name: str) -> str:
        return self.footer[name].paragraph if name in self.footer else ""


@dataclass(frozen=True)
class Step:
    """`### 1. <name>` of an investigation; the number may be missing (None)."""

    number: int | None
    name: str
    section: Section


@dataclass(frozen=True)
class Cause:
    """`### Cause 1: <name>`, with symptoms, check and solution."""

    number: int | None
    name: str
    section: Section
    fields: dict[str, Field]


@dataclass(frozen=True)
class Runbook(Document):
    """What to do when an alert fires."""

    severity: str
    """P1, P2, P3 or empty."""

    severity_heading: Section | None
    alerts: tuple[str, ...]
    steps: tuple[Step, ...]
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class ADR(Document):
    """A decision, its reasons and its status."""

    number: int | None
    """By its heading."""

    status: str
    """One of `STATUSES`, or empty."""

    superseded_by: tuple[int, ...]
    supersedes: tuple[int, ...]


@dataclass(frozen=True)
class Guide(Document):
    """Instructions for a task."""

    opening: str
    """The paragraphs before the first section, as markdown."""


def parse_date(words: str) -> datetime.date | None:
    """Return the date written as YYYY-MM-DD, or None if it is invalid."""
    match = _DATE.match(words.strip())
    try:
        return datetime.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def severity_in(words: str) -> str:
    """Return the severity with which words begin, or empty."""
    return words[:2].upper() if words[:2].upper() in SEVERITIES else ""


def find(found: list[Section], title: str) -> Section | None:
    """Return the section with that title, whatever its case; "and" and "&" are equal."""
    return next((s for s in found if _normal(s.title) == _normal(title)), None)


def _normal(title: str) -> str:
    return " ".join(title.lower().replace("&", "and").split())


def file_number(adr: ADR) -> int | None:
    """Return the number at the beginning of the file's name."""
    match = _FILE_NUMBER.match(adr.slug)
    return int(match[1]) if match else None
