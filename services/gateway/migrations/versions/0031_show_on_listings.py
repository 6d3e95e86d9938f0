"""Show on listings."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_CHOICES = ("shows_instructions", "names_documents", "may_be_copied")


def upgrade() -> None:
    """What builders show of their listings, whose copy an assistant is, and what answers cost."""
    for name in _CHOICES:
        op.add_column(
            "assistants",
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()),
        )
    op.add_column("assistants", sa.Column("made_from", sa.Text(), nullable=True))
    op.add_column("listing_scores", sa.Column("price_currency", sa.Text(), nullable=True))
    op.add_column("listing_scores", sa.Column("price_pico", sa.Numeric(38, 0), nullable=True))


def downgrade() -> None:
    """Listings show what they showed before."""
    op.drop_column("listing_scores", "price_pico")
    op.drop_column("listing_scores", "price_currency")
    op.drop_column("assistants", "made_from")
    for name in _CHOICES:
        op.drop_column("assistants", name)
