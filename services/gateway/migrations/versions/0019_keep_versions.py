"""Keep versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Notes of versions, the draft that a restored version replaced, the slug of a deleted one."""
    op.add_column(
        "assistant_versions",
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
    )
    op.add_column("assistants", sa.Column("replaced_draft", postgresql.JSONB(), nullable=True))
    op.add_column("assistants", sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("assistants", sa.Column("former_slug", sa.Text(), nullable=True))


def downgrade() -> None:
    """Versions without notes; nothing is undone."""
    op.drop_column("assistants", "former_slug")
    op.drop_column("assistants", "replaced_at")
    op.drop_column("assistants", "replaced_draft")
    op.drop_column("assistant_versions", "note")
