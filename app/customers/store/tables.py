"""The table of customers."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    # One document rather than a column a feature: a changed contract needs no migration.
    sa.Column("features", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    # The score, and the digest of the scorecard that made it; null and empty until there is one.
    sa.Column("log_odds", sa.Double),
    sa.Column("scored_with", sa.String(64), nullable=False, server_default=""),
    sa.Index("customers_at_risk", "scored_with", sa.text("log_odds DESC"), "id"),
)
