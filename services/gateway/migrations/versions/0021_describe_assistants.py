"""Describe assistants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts count their revisions; conversations keep the variables they began with; passages can
    be switched off."""
    op.add_column(
        "assistants",
        sa.Column("draft_revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column(
        "conversations",
        sa.Column("variables", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "passages",
        sa.Column("is_off", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    """Whoever writes last wins."""
    op.drop_column("passages", "is_off")
    op.drop_column("conversations", "variables")
    op.drop_column("assistants", "draft_revision")
