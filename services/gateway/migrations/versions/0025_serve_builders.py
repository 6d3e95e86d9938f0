"""Serve builders."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Conversations whose members were told that builders see questions that found nothing.

    Of those begun before, nobody was told.
    """
    op.add_column(
        "conversations",
        sa.Column("shows_unanswered", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Builders see numbers only."""
    op.drop_column("conversations", "shows_unanswered")
