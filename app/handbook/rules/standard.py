"""The documentation standard as rules; they yield findings and never fail on a document."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable

from app.handbook.documents.library import Library
from app.handbook.rendering.anchors import Anchors
from app.handbook.rules import (
    adr_rules,
    alert_rules,
    check_rules,
    confirmation_rules,
    drill_rules,
    experiment_rules,
    incident_cause_rules,
    link_rules,
    model_card_rules,
    owner_rules,
)
from app.handbook.rules.document_rules import document_findings
from app.handbook.rules.finding import Finding


def check(
    library: Library,
    today: datetime.date,
    serves: Callable[[str], bool] = lambda _path: True,
    checks: Collection[str] = (),
) -> list[Finding]:
    """Check every document, the alert rules and the model cards against the standard.

    Args:
        library: the documents.
        today: the date for which dates are judged.
        serves: whether this service has a page at a path such as `/docs`; without it, any path.
        checks: the names of the service's checks, if these are its documents.

    Returns:
        The findings by path and line.
    """
    found = [finding for document in library for finding in document_findings(document, today)]
    anchors = Anchors(library)
    found += adr_rules.numbering(library)
    found += confirmation_rules.check(library)
    found += link_rules.check(library, anchors, serves)
    found += alert_rules.check(library, anchors)
    found += incident_cause_rules.check(library)
    found += drill_rules.check(library)
    found += check_rules.check(library, checks)
    found += owner_rules.check(library)
    found += model_card_rules.check(library.cards, today)
    found += experiment_rules.check(library.root, today)
    return sorted(found)


def by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings of each document."""
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.path, []).append(finding)
    return grouped
