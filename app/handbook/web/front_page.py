"""Collects what the front page shows."""

from __future__ import annotations

import datetime
from typing import Any

from app.handbook.card import card_page
from app.handbook.documents.document_types import Guide, parse_date
from app.handbook.documents.library import Library
from app.releases.release_loader import Release

FIRST_GUIDES = ("onboarding", "on-call", "deployment", "writing-documentation")
"""What to read on the first day, in this order, where it exists."""


def values(
    library: Library, release: Release | None, today: datetime.date, service: str
) -> dict[str, Any]:
    """Return the values for the template.

    Args:
        library: the documents.
        release: in service, if one is.
        today: the date for which reviews are judged.
        service: its address, as the reader wrote it.
    """
    found: dict[str, Any] = {
        "critical": [runbook for runbook in library.runbooks if runbook.severity == "P1"],
        "guides": sorted(library.guides, key=_when_read)[: len(FIRST_GUIDES)],
        "adrs": library.adrs[:-4:-1],
        "overdue": [document for document in library if document.is_overdue(today)],
        "release": release,
    }
    if release is None:
        return found
    return found | {
        "released": parse_date(str(release.card.get("date"))),
        "headline": card_page.headline(release.card),
        "fields": card_page.first_features(release.contract),
        "example": card_page.example(release.contract, service),
    }


def _when_read(guide: Guide) -> int:
    return FIRST_GUIDES.index(guide.slug) if guide.slug in FIRST_GUIDES else len(FIRST_GUIDES)
