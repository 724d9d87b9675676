"""The scores of tables that aren't ours."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "table_scores",
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("probability", sa.Double),
        sa.Column("range_low", sa.Double),
        sa.Column("range_high", sa.Double),
        sa.Column("prediction", sa.String(8)),
        sa.Column("faults", sa.Text),
    )
    op.create_index("table_scores_by_id", "table_scores", ["table_name", "id"])
    op.create_table(
        "scored_tables",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("scored_with", sa.String(64), nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("scored", sa.BigInteger, nullable=False),
        sa.Column("rejected", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("scored_tables")
    op.drop_table("table_scores")
