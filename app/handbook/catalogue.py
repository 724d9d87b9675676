"""Every document with its state and its findings: for programs and for the list."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from app.handbook import card_rules, mappings, pages, standards
from app.handbook.documents import parse_date
from app.handbook.findings import Finding
from app.handbook.library import Library


def entries(
    library: Library, today: datetime.date, serves: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """An entry for each document: runbooks, decisions, guides, model cards.

    Args:
        library: the documents; their findings are kept for the day.
        today: the day to judge reviews by.
        serves: whether this service has a page at a path.
    """
    day, found = library.findings
    if day != today:
        found = standards.check(library, today, serves)
        library.findings = today, found
    findings = standards.by_path(found)
    listed = [pages.summary(d, findings.get(d.path, []), today) for d in library]
    return listed + _cards(library, findings)


def _cards(library: Library, findings: dict[str, list[Finding]]) -> list[dict[str, Any]]:
    found = []
    for file in sorted((library.root / card_rules.RELEASES).glob(f"*/{card_rules.CARD}")):
        card = mappings.get(mappings.read(file)[0], "model_card")
        date = parse_date(mappings.text(mappings.get(card, "date")))
        path = f"{card_rules.RELEASES}/{file.parent.name}/{card_rules.CARD}"
        found.append(
            {
                "kind": "model card",
                "slug": file.parent.name,
                "title": mappings.text(mappings.get(card, "name")) or file.parent.name,
                "url": "/model-card",
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
