"""Lists due and overdue reviews by owner."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from app.handbook.documents.card_facts import CardFacts
from app.handbook.documents.document_types import DATED, Document

SOON = datetime.timedelta(days=30)
"""A review that is due within this time is shown as due soon."""


@dataclass(frozen=True)
class Review:
    """The next review of a document or of the model card."""

    kind: str
    title: str
    url: str
    owner: str
    updated: datetime.date | None
    reviewers: str
    """The teams that reviewed it, or empty."""

    due: datetime.date | None
    """None if it has no date."""

    state: str
    """`overdue`, `soon` or `later`."""

    document: Document | None = None
    """None for the model card."""


def calendar(
    documents: Iterable[Document], card: CardFacts | None, today: datetime.date
) -> list[tuple[str, list[Review]]]:
    """Return the reviews of each owner, the most urgent owner and review first.

    Decisions are superseded instead of reviewed, and incidents tell what was.
    """
    reviews = [_of_document(d, today) for d in documents if d.kind not in DATED]
    if card is not None:
        reviews.append(_of_card(card, today))
    owners: dict[str, list[Review]] = {}
    for review in sorted(reviews, key=_urgency):
        owners.setdefault(review.owner or "Nobody named", []).append(review)
    return sorted(owners.items(), key=lambda item: (_urgency(item[1][0]), item[0]))


def _urgency(review: Review) -> tuple[datetime.date, str]:
    return review.due or datetime.date.min, review.title.lower()


def _of_document(document: Document, today: datetime.date) -> Review:
    return Review(
        kind=document.kind.capitalize(),
        title=document.title,
        url=document.url,
        owner=document.owner,
        updated=document.last_updated,
        reviewers=document.reviewers,
        due=document.review_by,
        state=_state(document.review_by, today),
        document=document,
    )


def _of_card(card: CardFacts, today: datetime.date) -> Review:
    return Review(
        kind="Model card",
        title=f"{card.name} {card.version}".strip(),
        url="/model-card",
        owner=card.owner,
        updated=card.date,
        reviewers="",
        due=card.review_by,
        state=_state(card.review_by, today),
    )


def _state(due: datetime.date | None, today: datetime.date) -> str:
    if due is None or due < today:
        return "overdue"
    return "soon" if due - today <= SOON else "later"
