"""Unsupported sentences."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The sentences of an answer that no passage supports."""
    # A constant default: no row is rewritten, and gateways of the former release go on writing.
    op.add_column(
        "messages",
        sa.Column(
            "unsupported",
            postgresql.JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
