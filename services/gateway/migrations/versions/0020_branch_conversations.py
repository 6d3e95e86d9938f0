"""Branch conversations."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Folders, pins, undo, temporary conversations."""
    op.create_table(
        "folders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_folders_workspace_id"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_folders_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_folders"),
        sa.UniqueConstraint(
            "member_id", "workspace_id", "name", name="uq_folders_member_id_workspace_id_name"
        ),
    )
    op.add_column("conversations", sa.Column("folder_id", sa.Text(), nullable=True))
    for name in ("pinned_at", "expires_at", "erased_at"):
        op.add_column("conversations", _moment(name))
    op.create_foreign_key(
        "fk_conversations_folder_id",
        "conversations",
        "folders",
        ["folder_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index("ix_conversations_folder_id", "conversations", ["folder_id"])
    _index_of("expires_at", "expires_at IS NOT NULL")
    _index_of("deleted_at", "deleted_at IS NOT NULL AND erased_at IS NULL")
    op.add_column("messages", sa.Column("asked_content", sa.Text(), nullable=True))


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _index_of(column: str, where: str) -> None:
    op.create_index(
        f"ix_conversations_{column}", "conversations", [column], postgresql_where=sa.text(where)
    )
