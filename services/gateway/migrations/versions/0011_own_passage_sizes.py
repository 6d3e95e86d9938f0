"""Own passage sizes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """How long the passages of a collection's files should be; null: as the installation says."""
    op.add_column("collections", sa.Column("passage_tokens", sa.BigInteger(), nullable=True))
