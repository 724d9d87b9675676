"""Rules for every document, and for guides."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from app.handbook.documents import skeletons, slugs
from app.handbook.documents.document_types import (
    ADR,
    DATED,
    Document,
    Guide,
    Runbook,
    parse_date,
)
from app.handbook.documents.incident_types import Incident
from app.handbook.rules import (
    adr_rules,
    command_block_rules,
    incident_rules,
    runbook_rules,
    team_names,
)
from app.handbook.rules.finding import WARNING, Finding

_PLACE = re.compile(r"<[^<>]+>")

FOOTERS = {
    "runbook": ("Last Updated", "Owner", "Reviewers"),
    "adr": ("Date", "Deciders", "Consulted"),
    "guide": ("Last Updated", "Owner"),
    "incident": ("Date", "Owner", "Severity"),
}
_TITLES = {
    "runbook": "# Runbook: <title>",
    "adr": "# ADR-NNN: <decision>",
    "guide": "# <title>",
    "incident": "# Incident: <title>",
}
_NAMES = {
    "adr": (slugs.is_adr_slug, "NNN-short-title.md"),
    "incident": (slugs.is_incident_slug, "YYYY-MM-DD-short-title.md"),
}
"""The form of a file's name, and how to write it; others are `short-title.md`."""


def document_findings(document: Document, today: datetime.date) -> Iterator[Finding]:
    """Yield findings of one document."""
    for fault in document.source.faults:
        yield Finding(document.path, fault.line, fault.rule, fault.message, fault.level)
    yield from _name_and_title(document)
    yield from _footer(document)
    yield from _dates(document, today)
    yield from _owners(document)
    yield from _blocks(document)
    yield from command_block_rules.check(document)
    if isinstance(document, Runbook):
        yield from runbook_rules.check(document)
    elif isinstance(document, ADR):
        yield from adr_rules.check(document)
    elif isinstance(document, Incident):
        yield from incident_rules.check(document)
    elif isinstance(document, Guide):
        yield from _guide(document)


def _name_and_title(document: Document) -> Iterator[Finding]:
    is_name, right = _NAMES.get(document.kind, (slugs.is_slug, "short-title.md"))
    if not is_name(document.slug):
        yield Finding(
            document.path, 1, "name", f"name the file like {right}: small letters, digits, hyphens"
        )
    titles = [h for h in document.text.headings if h.level == 1]
    form = _TITLES[document.kind]
    if not titles:
        yield Finding(document.path, 1, "title", f"no title: begin with `{form}`")
    elif document.kind != "guide" and document.title == document.heading:
        yield Finding(document.path, titles[0].line, "title", f"write the title as `{form}`")
    for heading in titles[1:]:
        message = "a second title: use ## for a section"
        yield Finding(document.path, heading.line, "title", message)


def _footer(document: Document) -> Iterator[Finding]:
    for name in FOOTERS[document.kind]:
        field = document.footer.get(name.lower())
        if field is None:
            line = len(document.text.lines)
            message = f"no **{name}**: end the document with `---` and `**{name}**: ...`"
            yield Finding(document.path, line, "footer", message)
        elif not field.value:
            yield Finding(document.path, field.line, "footer", f"**{name}** is empty: fill it in")
    if trailing := document.text.trailing:
        message = "text below the footer: move it above the `---`, so that the document ends there"
        yield Finding(document.path, trailing, "footer", message)


def _dates(document: Document, today: datetime.date) -> Iterator[Finding]:
    field = document.footer.get("date" if document.kind in DATED else "last updated")
    if field is None or not field.value:
        return
    date = parse_date(field.paragraph)
    if date is None:
        message = f"{field.paragraph[:40]!r} is not a date: write YYYY-MM-DD, a day that exists"
        yield Finding(document.path, field.line, "date", message)
    elif date > today:
        message = f"{date} is in the future: write the date of the last update"
        yield Finding(document.path, field.line, "date", message)
    elif document.is_overdue(today):
        age = (today - date).days
        message = f"last updated {age} days ago: review it (at least every 90 days)"
        yield Finding(document.path, field.line, "overdue", message, WARNING)


def _owners(document: Document) -> Iterator[Finding]:
    """Yield findings of owners and reviewers, who are teams; deciders are any roles."""
    for name in ("owner", "reviewers"):
        field = document.footer.get(name)
        if field is None or not field.value:
            continue
        for party in field.paragraph.split(","):
            if fault := team_names.fault(party):
                yield Finding(document.path, field.line, "owner", fault)


def _blocks(document: Document) -> Iterator[Finding]:
    for fence in document.text.outline.fences:
        if not fence.closed:
            yield Finding(
                document.path, fence.line, "fence", "this block is never closed: end it as it began"
            )
        if not fence.language:
            yield Finding(
                document.path,
                fence.line,
                "fence-language",
                "name the block's language, such as ```bash, or ```text for output",
            )
    unfilled = dict(_unfilled(document))
    for line, place in unfilled.items():
        message = f"{place} is still there: replace it with what it asks for"
        yield Finding(document.path, line, "unfilled", message)
    for line, tag in document.text.outline.html:
        if line in unfilled:
            continue
        yield Finding(
            document.path,
            line,
            "raw-html",
            f"raw HTML ({tag[:40]}) is shown as text: write markdown, or put it in `code`",
        )


def _unfilled(document: Document) -> Iterator[tuple[int, str]]:
    """Yield line and words of unfilled places; a document may show a skeleton in a block."""
    shown = {"markdown", "md", "text"}
    fences = [f for f in document.text.outline.fences if f.language in shown]
    inside = {n for fence in fences for n in range(fence.line, fence.end + 1)}
    places = skeletons.places()
    for number, text in enumerate(document.text.lines, 1):
        if "<" in text and number not in inside:
            for place in _PLACE.findall(text):
                if place in places:
                    yield number, place


def _guide(document: Guide) -> Iterator[Finding]:
    if not document.opening:
        yield Finding(
            document.path,
            1,
            "opening",
            "begin with a paragraph: who it is for, and what they will have done at the end",
        )
    if not document.sections:
        yield Finding(document.path, 1, "section", "no sections: part the guide with ## headings")
