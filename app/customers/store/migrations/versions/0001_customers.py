"""Stored customers and their scores."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "customers",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("features", sa.JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_odds", sa.Double),
        sa.Column("scored_with", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index(
        "customers_at_risk", "customers", ["scored_with", sa.text("log_odds DESC"), "id"]
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("customers")
