"""The grammar of the documents: what a runbook, a decision and a guide consist of.

Parsing never fails: what is missing or odd is None or empty, and `standards` says so.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from app.handbook import outline, sections
from app.handbook.sections import Field, Section, Text
from app.handbook.source import Source

FOLDERS = {"runbook": "runbooks", "adr": "adrs", "guide": "guides"}
"""The folder, and the first part of the page's address, by kind of document."""

REVIEW_AFTER = datetime.timedelta(days=90)
"""A document is overdue for review this long after it was last updated."""

STATUSES = ("Proposed", "Accepted", "Rejected", "Deprecated", "Superseded")
SEVERITIES = {"P1": "Critical", "P2": "Warning", "P3": "Info"}

_RUNBOOK_TITLE = re.compile(r"Runbook:\s*(\S.*)", re.I)
_ADR_TITLE = re.compile(r"ADR-(\d+):\s*(\S.*)", re.I)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_SEVERITY = re.compile(r"severity\b\s*:?\s*(.*)", re.I)
_STEP = re.compile(r"(\d{1,4})[.):]\s*(\S.*)", re.ASCII)
_CAUSE = re.compile(r"cause\s+(\d{1,4})\s*[:.)-]?\s*(.*)", re.I | re.ASCII)
_STATUS = re.compile(rf"\W*({'|'.join(STATUSES)})\b", re.I)
_SUPERSEDED_BY = re.compile(r"superseded by\W+ADR-(\d{1,6})", re.I | re.ASCII)
_SUPERSEDES = re.compile(r"supersedes\W+ADR-(\d{1,6})", re.I | re.ASCII)


@dataclass(frozen=True)
class Document:
    """What every kind of document has."""

    kind: str
    slug: str
    path: str
    """Relative to the folder that holds the documents' folders, with `/`."""

    source: Source
    text: Text
    sections: list[Section]
    footer: dict[str, Field]
    heading: str
    """The first heading of level 1 as written, or nothing."""

    title: str
    """The heading without "Runbook:" or "ADR-NNN:"; without a heading, the slug in words."""

    @property
    def url(self) -> str:
        """The page's path on this service."""
        return f"/{FOLDERS[self.kind]}/{self.slug}"

    @property
    def owner(self) -> str:
        """The team that keeps it, or nothing."""
        return self._footer("deciders" if self.kind == "adr" else "owner")

    @property
    def last_updated(self) -> datetime.date | None:
        """The date in the footer, if it is one."""
        return parse_date(self._footer("date" if self.kind == "adr" else "last updated"))

    @property
    def review_by(self) -> datetime.date | None:
        """The last day of its review period; decisions are not reviewed but superseded."""
        if self.kind == "adr" or not self.last_updated:
            return None
        return self.last_updated + REVIEW_AFTER

    def is_overdue(self, today: datetime.date) -> bool:
        """Whether its review period has passed."""
        return self.review_by is not None and self.review_by < today

    def section(self, title: str) -> Section | None:
        """The section with that title, "and" and "&" alike."""
        return _find(self.sections, title)

    def _footer(self, name: str) -> str:
        return self.footer[name].value if name in self.footer else ""


@dataclass(frozen=True)
class Step:
    """`### 1. <name>` of an investigation; without a number, None."""

    number: int | None
    name: str
    section: Section


@dataclass(frozen=True)
class Cause:
    """`### Cause 1: <name>`, with what is seen, the command that tells, and the remedy."""

    number: int | None
    name: str
    section: Section
    fields: dict[str, Field]


@dataclass(frozen=True)
class Runbook(Document):
    """What to do when an alert fires."""

    severity: str
    """P1, P2, P3 or nothing."""

    severity_heading: Section | None
    alerts: tuple[str, ...]
    steps: tuple[Step, ...]
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class ADR(Document):
    """A decision, why it was taken and what became of it."""

    number: int | None
    """By its heading."""

    status: str
    """One of `STATUSES`, or nothing."""

    superseded_by: tuple[int, ...]
    supersedes: tuple[int, ...]


@dataclass(frozen=True)
class Guide(Document):
    """How to do something, for someone."""

    opening: str
    """The paragraphs before the first section, as markdown."""


def parse(kind: str, slug: str, path: str, source: Source) -> Runbook | ADR | Guide:
    """Make a document of its text.

    Args:
        kind: a key of `FOLDERS`.
        slug: the file's name without `.md`.
        path: the file, relative to the folder that holds the documents' folders.
        source: its text.
    """
    text = Text(source, outline.read(source.text))
    heading = next((h for h in text.headings if h.level == 1), None)
    words = heading.text if heading else ""
    pattern = {"runbook": _RUNBOOK_TITLE, "adr": _ADR_TITLE}.get(kind)
    match = pattern.match(words) if pattern else None
    title = match[match.re.groups] if match else words
    common: dict[str, Any] = {
        "kind": kind,
        "slug": slug,
        "path": path,
        "source": source,
        "text": text,
        "sections": sections.split(text),
        "footer": sections.fields(text, text.footer_line, len(text.lines) + 1),
        "heading": words,
        "title": title or slug.replace("-", " ").capitalize(),
    }
    if kind == "runbook":
        return _runbook(common)
    if kind == "adr":
        return _adr(common, int(match[1][:9]) if match else None)
    start = heading.line if heading else 0
    end = next((h.line for h in text.headings if h.line > start), text.end)
    return Guide(**common, opening="\n".join(text.lines[start : end - 1]).strip())


def kind_by_title(text: str) -> str:
    """The kind of a document that stands in no folder of its own."""
    first = re.search(r"^#[ \t]+(.*)", text, re.M)
    if first and _RUNBOOK_TITLE.match(first[1]):
        return "runbook"
    return "adr" if first and _ADR_TITLE.match(first[1]) else "guide"


def _runbook(common: dict[str, Any]) -> Runbook:
    found: list[Section] = common["sections"]
    severity = next((s for s in found if _SEVERITY.match(s.title)), None)
    words = _SEVERITY.sub(r"\1", severity.title).strip() if severity else ""
    return Runbook(
        **common,
        severity=words[:2].upper() if words[:2].upper() in SEVERITIES else "",
        severity_heading=severity,
        alerts=tuple(_alerts(_find(found, "Alerts"))),
        steps=tuple(_steps(_find(found, "Investigation Steps"))),
        causes=tuple(_causes(_find(found, "Common Causes & Solutions"))),
    )


def _alerts(section: Section | None) -> list[str]:
    """One alert a line: as a bullet or not, as code or not, with words after it or not."""
    if not section:
        return []
    lines = (text.strip(" \t-*+") for _, text in section.whole.prose(section.line + 1, section.end))
    found = (re.match(r"`?([A-Za-z_]\w*)`?", line) for line in lines)
    return list(dict.fromkeys(match[1] for match in found if match))


def _steps(section: Section | None) -> list[Step]:
    steps = []
    for child in section.children if section else []:
        match = _STEP.match(child.title)
        steps.append(
            Step(int(match[1]) if match else None, match[2] if match else child.title, child)
        )
    return steps


def _causes(section: Section | None) -> list[Cause]:
    causes = []
    for child in section.children if section else []:
        match = _CAUSE.match(child.title)
        name = match[2] if match else child.title
        causes.append(Cause(int(match[1]) if match else None, name, child, child.fields()))
    return causes


def _adr(common: dict[str, Any], number: int | None) -> ADR:
    section = _find(common["sections"], "Status")
    text = section.text if section else ""
    status = _STATUS.match(text)
    return ADR(
        **common,
        number=number,
        status=status[1].capitalize() if status else "",
        superseded_by=tuple(int(n) for n in _SUPERSEDED_BY.findall(text)),
        supersedes=tuple(int(n) for n in _SUPERSEDES.findall(text)),
    )


def parse_date(words: str) -> datetime.date | None:
    """The date written as YYYY-MM-DD, or None where it is not one."""
    match = _DATE.match(words.strip())
    try:
        return datetime.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _find(found: list[Section], title: str) -> Section | None:
    return next((s for s in found if _normal(s.title) == _normal(title)), None)


def _normal(title: str) -> str:
    return " ".join(title.lower().replace("&", "and").split())
