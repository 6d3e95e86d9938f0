"""Attach files to conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A collection may hold what is attached to one conversation."""
    op.add_column("collections", sa.Column("conversation_id", sa.Text(), nullable=True))
    op.create_foreign_key(
        "fk_collections_conversation_id",
        "collections",
        "conversations",
        ["conversation_id"],
        ["id"],
    )
    op.create_unique_constraint(
        "uq_collections_conversation_id", "collections", ["conversation_id"]
    )


def downgrade() -> None:
    """Collections are knowledge alone. What was attached would become some: it is hidden."""
    op.execute("UPDATE collections SET deleted_at = now() WHERE conversation_id IS NOT NULL")
    op.drop_constraint("uq_collections_conversation_id", "collections")
    op.drop_constraint("fk_collections_conversation_id", "collections")
    op.drop_column("collections", "conversation_id")
