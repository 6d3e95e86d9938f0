"""Keep why answers failed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The words beside the code: which budget was used up, and when it begins anew."""
    op.add_column("messages", sa.Column("error_words", sa.Text(), nullable=True))


def downgrade() -> None:
    """Codes alone."""
    op.drop_column("messages", "error_words")
