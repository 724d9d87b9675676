"""The documentation standard as rules; each gives findings, none ever fails on a document."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator

from app.handbook import (
    adr_rules,
    alert_rules,
    card_rules,
    confirmation_rules,
    link_rules,
    runbook_rules,
)
from app.handbook.anchors import Anchors
from app.handbook.documents import ADR, Document, Guide, Runbook, parse_date
from app.handbook.findings import WARNING, Finding
from app.handbook.library import Library

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
ADR_SLUG = re.compile(r"\d{3,}(-[a-z0-9]+)+\Z")

FOOTERS = {
    "runbook": ("Last Updated", "Owner", "Reviewers"),
    "adr": ("Date", "Deciders", "Consulted"),
    "guide": ("Last Updated", "Owner"),
}
_TITLES = {"runbook": "# Runbook: <title>", "adr": "# ADR-NNN: <decision>", "guide": "# <title>"}

_TEAMS = re.compile(
    r"\b(team|squad|crew|group|guild|chapter|office|desk|department|platform|operations|ops|sre|"
    r"reliability|engineer\w*|support|success|marketing|analy\w+|security|data|science|\w*ops|ml|"
    r"model\w*|infrastructure|infra|services?|api|backend|frontend|database|on-call|incident\w*|"
    r"product|machine learning|architect\w*|compliance|legal|finance|sales|retention|network|"
    r"cloud|systems?|software|research|quality|delivery|it|leads?|owners?|managers?|experience|"
    r"growth|billing|payments?|revenue|business|insights?|intelligence|technology|responders?|"
    r"observability|identity|storage|core|web|mobile|developers?|administrat\w+|committee|board)\b",
    re.I,
)
_PERSON = re.compile(r"[^\W\d_a-z][^\W\d_]+( [^\W\d_]\.)?( [^\W\d_a-z][^\W\d_]+){1,2}\Z")
_NOBODY = {"", "-", "?", "n/a", "none", "nobody", "tbd", "tba", "unknown", "me", "team", "<team>"}


def check(
    library: Library,
    today: datetime.date,
    serves: Callable[[str], bool] = lambda _path: True,
) -> list[Finding]:
    """Hold every document to the standard, with the alert rules and model cards beside them.

    Args:
        library: the documents.
        today: the day to judge dates by.
        serves: whether this service has a page at a path such as `/docs`; without it, any path.

    Returns:
        The findings by path and line.
    """
    found = [finding for document in library for finding in _document(document, today)]
    anchors = Anchors(library)
    found += adr_rules.numbering(library)
    found += confirmation_rules.check(library)
    found += link_rules.check(library, anchors, serves)
    found += alert_rules.check(library, anchors)
    found += card_rules.check(library.root, today)
    return sorted(found)


def by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """The findings of each document."""
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.path, []).append(finding)
    return grouped


def _document(document: Document, today: datetime.date) -> Iterator[Finding]:
    for fault in document.source.faults:
        yield Finding(document.path, fault.line, fault.rule, fault.message, fault.level)
    yield from _name_and_title(document)
    yield from _footer(document)
    yield from _dates(document, today)
    yield from _owners(document)
    yield from _blocks(document)
    if isinstance(document, Runbook):
        yield from runbook_rules.check(document)
    elif isinstance(document, ADR):
        yield from adr_rules.check(document)
    elif isinstance(document, Guide):
        yield from _guide(document)


def _name_and_title(document: Document) -> Iterator[Finding]:
    is_adr = document.kind == "adr"
    if not (ADR_SLUG if is_adr else SLUG).match(document.slug):
        right = "NNN-short-title.md" if is_adr else "short-title.md"
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


def _dates(document: Document, today: datetime.date) -> Iterator[Finding]:
    field = document.footer.get("date" if document.kind == "adr" else "last updated")
    if field is None or not field.value:
        return
    date = parse_date(field.value)
    if date is None:
        message = f"{field.value[:40]!r} is not a date: write YYYY-MM-DD, a day that exists"
        yield Finding(document.path, field.line, "date", message)
    elif date > today:
        message = f"{date} is in the future: write the day it was really updated"
        yield Finding(document.path, field.line, "date", message)
    elif document.is_overdue(today):
        age = (today - date).days
        message = f"last updated {age} days ago: review it (at least every 90 days)"
        yield Finding(document.path, field.line, "overdue", message, WARNING)


def _owners(document: Document) -> Iterator[Finding]:
    """Owners and reviewers are teams; deciders are roles, which may be called anything."""
    for name in ("owner", "reviewers"):
        field = document.footer.get(name)
        if field is None or not field.value:
            continue
        for party in field.value.split(","):
            words = party.strip().strip("`*_")
            if words.lower() in _NOBODY:
                yield Finding(
                    document.path, field.line, "owner", f"{words!r} is no team: name the team"
                )
            elif "@" in words or (_PERSON.match(words) and not _TEAMS.search(words)):
                yield Finding(
                    document.path,
                    field.line,
                    "owner",
                    f"{words!r} reads as a person: name the team, such as `Platform team`",
                )


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
    for line, tag in document.text.outline.html:
        yield Finding(
            document.path,
            line,
            "raw-html",
            f"raw HTML ({tag[:40]}) is shown as text: write markdown, or put it in `code`",
        )


def _guide(document: Guide) -> Iterator[Finding]:
    if not document.opening:
        yield Finding(
            document.path,
            1,
            "opening",
            "begin with a paragraph: who it is for and what they will have done at the end",
        )
    if not document.sections:
        yield Finding(document.path, 1, "section", "no sections: part the guide with ## headings")
