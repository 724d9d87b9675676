"""Reads what lists say about a release's model card."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from app.handbook.documents import located_yaml
from app.handbook.documents.document_types import REVIEW_AFTER, parse_date
from app.handbook.documents.library import Library
from model.economics import GAP


@dataclass(frozen=True)
class CardFacts:
    """A model card's name, version, owner and date; what isn't stated is empty."""

    node: located_yaml.Node | None
    """All that the card says."""

    version: str
    name: str
    owner: str
    date: datetime.date | None

    @property
    def review_by(self) -> datetime.date | None:
        """The last day of its review period."""
        return self.date + REVIEW_AFTER if self.date else None


def read(file: Path) -> CardFacts:
    """Read a card; a damaged one states nothing."""
    card = located_yaml.get(located_yaml.read(file)[0], "model_card")
    name, owner, date = (
        located_yaml.text(located_yaml.get(card, key)) for key in ("name", "owner", "date")
    )
    owner = "" if owner.startswith(GAP) else owner
    return CardFacts(card, file.parent.name, name, owner, parse_date(date))


def newest(library: Library) -> CardFacts | None:
    """Return the card of the newest release that has one."""
    file = max(library.cards.values(), key=_version, default=None)
    return read(file) if file else None


def _version(card: Path) -> list[int]:
    """Return the numbers of the card's version, by which versions sort."""
    return [int(number) for number in re.findall(r"\d+", card.parent.name)]
