"""Bind keys to assistants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys for one assistant and for named web sites; who may ask an assistant."""
    op.add_column("keys", sa.Column("assistant_id", sa.Text(), nullable=True))
    op.add_column(
        "keys",
        # A default, because gateways of the former release go on writing rows for a while.
        sa.Column(
            "origins", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_foreign_key("fk_keys_assistant_id", "keys", "assistants", ["assistant_id"], ["id"])
    op.create_index("ix_keys_assistant_id", "keys", ["assistant_id"])
    # A preflight carries no key: it asks which keys name its web site.
    op.create_index("ix_keys_origins", "keys", ["origins"], postgresql_using="gin")
    op.add_column(
        "assistants",
        sa.Column("visibility", sa.Text(), server_default=sa.text("'workspace'"), nullable=False),
    )
    op.create_index(
        "ix_assistants_public", "assistants", ["id"], postgresql_where="visibility = 'public'"
    )
