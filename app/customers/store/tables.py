"""The tables."""

from __future__ import annotations

import sqlalchemy as sa

from app.customers.store.stored_customer import ID_LENGTH

metadata = sa.MetaData()

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.String(ID_LENGTH), primary_key=True),
    # One document instead of a column for each feature: a changed contract needs no migration.
    sa.Column("features", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    # The score, and the digest of the scorecard that made it; null and empty until there is one.
    sa.Column("log_odds", sa.Double),
    sa.Column("scored_with", sa.String(64), nullable=False, server_default=""),
    sa.Index("customers_at_risk", "scored_with", sa.text("log_odds DESC"), "id"),
)

score_distribution = sa.Table(
    "score_distribution",
    metadata,
    # The digest of the scorecard that made the scores.
    sa.Column("scored_with", sa.String(64), primary_key=True),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("customers", sa.BigInteger, nullable=False),
    sa.Column("quantiles", sa.JSON, nullable=False),
)

score_changes = sa.Table(
    "score_changes",
    metadata,
    # Its one row counts the transactions that wrote customers or scores.
    sa.Column("number", sa.BigInteger, nullable=False),
)

table_scores = sa.Table(
    "table_scores",
    metadata,
    # The scores of tables that aren't ours; the names as `sources` writes them.
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("probability", sa.Double),
    sa.Column("range_low", sa.Double),
    sa.Column("range_high", sa.Double),
    sa.Column("prediction", sa.String(8)),
    # What is wrong with a row that has no score.
    sa.Column("faults", sa.Text),
    sa.Index("table_scores_by_id", "table_name", "id"),
)

scored_tables = sa.Table(
    "scored_tables",
    metadata,
    # What made the rows of `table_scores`, and how many there are.
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("scored_with", sa.String(64), nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("scored", sa.BigInteger, nullable=False),
    sa.Column("rejected", sa.BigInteger, nullable=False),
)
