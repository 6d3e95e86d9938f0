"""Keep contexts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What the model of a turn was sent. Turns of former releases have no account."""
    op.create_table(
        "turn_contexts",
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("window_tokens", sa.BigInteger(), nullable=False),
        sa.Column("answer_tokens", sa.BigInteger(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("segments", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_turn_contexts_turn_id"),
        sa.PrimaryKeyConstraint("turn_id", name="pk_turn_contexts"),
    )
