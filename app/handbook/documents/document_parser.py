"""The grammar of the documents: parses their text into objects.

Parsing never fails: what is missing or invalid is None or empty, and `rules` reports it.
"""

from __future__ import annotations

import re
from typing import Any

from app.handbook.documents import front_matter, incident_parser, sections
from app.handbook.documents.document_text import DocumentText
from app.handbook.documents.document_types import (
    ADR,
    STATUSES,
    Cause,
    Document,
    Guide,
    Runbook,
    Step,
    find,
    severity_in,
)
from app.handbook.documents.sections import Section
from app.handbook.documents.source import Source

_RUNBOOK_TITLE = re.compile(r"Runbook:\s*(\S.*)", re.I)
_INCIDENT_TITLE = re.compile(r"Incident:\s*(\S.*)", re.I)
_ADR_TITLE = re.compile(r"ADR-(\d+):\s*(\S.*)", re.I)
_SEVERITY = re.compile(r"severity\b\s*:?\s*(.*)", re.I)
_STEP = re.compile(r"(\d{1,4})[.):]\s*(\S.*)", re.ASCII)
_CAUSE = re.compile(r"cause\s+(\d{1,4})\s*[:.)-]?\s*(.*)", re.I | re.ASCII)
_TITLES = {"runbook": _RUNBOOK_TITLE, "adr": _ADR_TITLE, "incident": _INCIDENT_TITLE}
STATUS = re.compile(rf"\W*({'|'.join(STATUSES)})\b", re.I)
_SUPERSEDED_BY = re.compile(r"superseded by\W+ADR-(\d{1,6})", re.I | re.ASCII)
_SUPERSEDES = re.compile(r"supersedes\W+ADR-(\d{1,6})", re.I | re.ASCII)


def parse(kind: str, slug: str, path: str, source: Source) -> Document:
    """Make a document from its text.

    Args:
        kind: a key of `FOLDERS`.
        slug: the file's name without `.md`.
        path: of the file, relative to the parent of the documents' folders.
        source: its text.
    """
    text = DocumentText(source)
    heading = next((h for h in text.headings if h.level == 1), None)
    words = heading.text if heading else ""
    pattern = _TITLES.get(kind)
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
        "title": title or text.facts.get("title") or slug.replace("-", " ").capitalize(),
    }
    if kind == "runbook":
        return _runbook(common)
    if kind == "adr":
        return _adr(common, int(match[1][:9]) if match else None)
    if kind == "incident":
        return incident_parser.incident(common)
    start = heading.line if heading else 0
    end = next((h.line for h in text.headings if h.line > start), text.end)
    return Guide(**common, opening="\n".join(text.lines[start : end - 1]).strip())


def kind_by_title(text: str) -> str:
    """Tell the kind of a document that is in no folder of its own."""
    height, _ = front_matter.read(text)
    first = re.search(r"^#[ \t]+(.*)", text.split("\n", height)[-1], re.M)
    matching = (kind for kind, title in _TITLES.items() if first and title.match(first[1]))
    return next(matching, "guide")


def _runbook(common: dict[str, Any]) -> Runbook:
    found: list[Section] = common["sections"]
    severity = next((s for s in found if _SEVERITY.match(s.title)), None)
    words = _SEVERITY.sub(r"\1", severity.title).strip() if severity else ""
    return Runbook(
        **common,
        severity=severity_in(words),
        severity_heading=severity,
        alerts=tuple(_alerts(find(found, "Alerts"))),
        steps=tuple(_steps(find(found, "Investigation Steps"))),
        causes=tuple(_causes(find(found, "Common Causes & Solutions"))),
    )


def _alerts(section: Section | None) -> list[str]:
    """Read one alert on each line, with or without bullet, code marks and words after it."""
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
    section = find(common["sections"], "Status")
    text = section.text if section else ""
    status = STATUS.match(text)
    return ADR(
        **common,
        number=number,
        status=status[1].capitalize() if status else "",
        superseded_by=tuple(int(n) for n in _SUPERSEDED_BY.findall(text)),
        supersedes=tuple(int(n) for n in _SUPERSEDES.findall(text)),
    )
