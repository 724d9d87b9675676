"""The number of times that scores were changed: whether sums over them are still right."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, with its one row."""
    made = op.create_table("score_changes", sa.Column("number", sa.BigInteger, nullable=False))
    op.bulk_insert(made, [{"number": 0}])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("score_changes")
