"""The distribution of the scores, for places in the base and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "score_distribution",
        sa.Column("scored_with", sa.String(64), primary_key=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customers", sa.BigInteger, nullable=False),
        sa.Column("quantiles", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("score_distribution")
