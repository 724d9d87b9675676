"""One of the stored customers, apart from the database, which a process may never open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

ID_LENGTH = 64
"""Characters of an id; SQLite doesn't enforce it."""

MOST_RANKED = 5000
"""Customers most at risk, among whom a filter looks; to look at all would take seconds."""

Features = dict[str, Any]


class NotAnObject(Features):
    """Replaces features that aren't a JSON object, which someone else stored."""


@dataclass(frozen=True)
class StoredCustomer:
    """A customer, and its score if there is one."""

    id: str
    features: Features
    log_odds: float | None = None
    updated_at: datetime | None = None
    """The time of the last write, if it was read."""

    @property
    def rank(self) -> tuple[float, str]:
        """The position in the ranking by risk, which has only customers with a score."""
        return cast(float, self.log_odds), self.id
