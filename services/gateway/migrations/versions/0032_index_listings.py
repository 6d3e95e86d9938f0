"""Index listings."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What of the store stands in the index of meanings. Rows outlive their assistants."""
    op.create_table(
        "listing_meanings",
        sa.Column("assistant_id", sa.Text(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("shelf", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_listing_meanings_looked_at", "listing_meanings", ["looked_at"])


def downgrade() -> None:
    """The store is searched by words alone."""
    op.drop_table("listing_meanings")
