"""The table of customers, and a customer of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

metadata = sa.MetaData()

ID_LENGTH = 64
"""Characters of an id; SQLite does not hold others to it."""

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.String(ID_LENGTH), primary_key=True),
    # One document rather than a column a feature: a changed contract needs no migration.
    sa.Column("features", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    # The score, and the digest of the scorecard that made it; null and empty until there is one.
    sa.Column("log_odds", sa.Double),
    sa.Column("scored_with", sa.String(64), nullable=False, server_default=""),
    sa.Index("customers_at_risk", "scored_with", sa.text("log_odds DESC"), "id"),
)

Features = dict[str, Any]


class NotAnObject(Features):
    """Stands for features that someone else stored and that are no JSON object."""


@dataclass(frozen=True)
class StoredCustomer:
    """A customer, with its score where it has one."""

    id: str
    features: Features
    log_odds: float | None = None
    updated_at: datetime | None = None
    """When it was written last, where that was asked for."""

    @property
    def rank(self) -> tuple[float, str]:
        """Where it stands in the ranking by risk, which holds only customers with a score."""
        return cast(float, self.log_odds), self.id
