"""Web pages as files."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Web pages as files."""
    op.add_column("files", sa.Column("source_url", sa.Text(), nullable=True))
    op.add_column("files", sa.Column("fetched_url", sa.Text(), nullable=True))
