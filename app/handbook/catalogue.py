"""Lists every document with its state and findings."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from typing import Any

from app.handbook.documents import located_yaml
from app.handbook.documents.document_types import ADR, Document, Runbook, parse_date
from app.handbook.documents.library import Library
from app.handbook.rules import standard
from app.handbook.rules.finding import Finding
from app.http.url_prefix import address


def entries(
    library: Library,
    today: datetime.date,
    serves: Callable[[str], bool],
    checks: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return an entry for each document: runbooks, decisions, guides, model cards.

    Args:
        library: the documents; their findings are kept for a day.
        today: the date for which reviews are judged.
        serves: whether this service has a page at a path.
        checks: the names of the service's checks.
    """
    found = library.derive(
        "findings", lambda: standard.check(library, today, serves, checks), today
    )
    findings = standard.by_path(found)
    listed = [summary(d, findings.get(d.path, []), today) for d in library]
    return listed + _cards(library, findings)


def _cards(library: Library, findings: dict[str, list[Finding]]) -> list[dict[str, Any]]:
    found = []
    for path, file in library.cards.items():
        card = located_yaml.get(located_yaml.read(file)[0], "model_card")
        date = parse_date(located_yaml.text(located_yaml.get(card, "date")))
        found.append(
            {
                "kind": "model card",
                "slug": file.parent.name,
                "title": located_yaml.text(located_yaml.get(card, "name")) or file.parent.name,
                "url": address("/model-card"),
                "severity": None,
                "alerts": [],
                "owner": None,
                "last_updated": date and date.isoformat(),
                "review_by": None,
                "status": "released",
                "findings": [finding.as_dict() for finding in findings.get(path, [])],
            }
        )
    return found


def state(document: Document, today: datetime.date) -> str:
    """Return a decision's status; for others `current`, `overdue` or `undated`."""
    if isinstance(document, ADR):
        return document.status.lower() or "undecided"
    if document.last_updated is None:
        return "undated"
    return "overdue" if document.is_overdue(today) else "current"


def summary(document: Document, findings: list[Finding], today: datetime.date) -> dict[str, Any]:
    """Make a document's entry in `/handbook.json`."""
    return {
        "kind": document.kind,
        "slug": document.slug,
        "title": document.title,
        "url": address(document.url),
        "severity": document.severity if isinstance(document, Runbook) else None,
        "alerts": list(document.alerts) if isinstance(document, Runbook) else [],
        "owner": document.owner or None,
        "last_updated": document.last_updated and document.last_updated.isoformat(),
        "review_by": document.review_by and document.review_by.isoformat(),
        "status": state(document, today),
        "findings": [finding.as_dict() for finding in findings],
    }
