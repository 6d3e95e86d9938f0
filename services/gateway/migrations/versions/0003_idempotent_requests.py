"""Keep answers by idempotency key, and which files were put into a collection together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; nothing that is there changes."""
    op.create_table(
        "idempotent_requests",
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        *_identified("idempotent_requests"),
    )
    op.create_index("ix_idempotent_requests_expires_at", "idempotent_requests", ["expires_at"])
    op.create_table(
        "file_batches",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("file_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        *_identified("file_batches"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_file_batches_collection_id"
        ),
    )
    op.create_index("ix_file_batches_collection_id", "file_batches", ["collection_id"])


def _identified(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
