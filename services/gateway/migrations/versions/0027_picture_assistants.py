"""Picture assistants."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Pictures by their hash, and what was sent until one is made of it."""
    op.create_table(
        "avatars",
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assistant_id"],
            ["assistants.id"],
            name="fk_avatars_assistant_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assistant_id", "hash", name="pk_avatars"),
    )
    op.create_table(
        "avatar_uploads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assistant_id"],
            ["assistants.id"],
            name="fk_avatar_uploads_assistant_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_avatar_uploads"),
        sa.UniqueConstraint("assistant_id", name="uq_avatar_uploads_assistant_id"),
    )


def downgrade() -> None:
    """Every assistant has its pattern."""
    op.drop_table("avatar_uploads")
    op.drop_table("avatars")
    op.execute("UPDATE assistants SET draft = draft - 'avatar'")
    op.execute("UPDATE assistants SET replaced_draft = replaced_draft - 'avatar'")
    op.execute("UPDATE assistant_versions SET definition = definition - 'avatar'")
