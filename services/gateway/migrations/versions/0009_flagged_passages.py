"""Flagged passages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What in a passage reads like an instruction, and how many passages of a version do."""
    # Constant defaults: no row is rewritten, and gateways of the former release go on writing.
    op.add_column(
        "passages",
        sa.Column(
            "flags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column(
        "document_versions",
        sa.Column("flagged_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
