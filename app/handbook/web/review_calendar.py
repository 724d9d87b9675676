"""Lists due and overdue reviews by owner."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from app.handbook.documents.document_types import DATED, Document

SOON = datetime.timedelta(days=30)
"""A review that is due within this time is shown as due soon."""


@dataclass(frozen=True)
class Review:
    """A document's next review; `due` is None if it was never reviewed."""

    document: Document
    due: datetime.date | None
    state: str
    """`overdue`, `soon` or `later`."""

    days: int
    """Days until it is due; negative if it is overdue."""


def calendar(documents: Iterable[Document], today: datetime.date) -> list[tuple[str, list[Review]]]:
    """Return the reviews of each owner, the most urgent owner and review first.

    Decisions are superseded instead of reviewed, and incidents tell what was.
    """
    owners: dict[str, list[Review]] = {}
    for document in documents:
        if document.kind not in DATED:
            review = _review(document, today)
            owners.setdefault(document.owner or "Nobody named", []).append(review)
    for reviews in owners.values():
        reviews.sort(key=_urgency)
    return sorted(owners.items(), key=lambda item: (_urgency(item[1][0]), item[0]))


def _urgency(review: Review) -> tuple[datetime.date, str]:
    return review.due or datetime.date.min, review.document.title.lower()


def _review(document: Document, today: datetime.date) -> Review:
    due = document.review_by
    if due is None or due < today:
        return Review(document, due, "overdue", (due - today).days if due else 0)
    return Review(document, due, "soon" if due - today <= SOON else "later", (due - today).days)
