"""Groups, grants, and collections that are private."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Groups, grants, and collections that are private."""
    op.create_table(
        "groups",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *_identified(),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_groups_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_groups_workspace_id_name"),
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name="fk_group_members_group_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_group_members_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "member_id", name="pk_group_members"),
    )
    op.create_index("ix_group_members_member_id", "group_members", ["member_id"])
    _create_grants()
    # Filled without touching the rows: what is there stays as readable as it was.
    op.add_column(
        "collections",
        sa.Column("visibility", sa.Text(), server_default=sa.text("'workspace'"), nullable=False),
    )


def _create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("powers", postgresql.ARRAY(sa.Text()), nullable=False),
        *_identified(),
        sa.CheckConstraint(
            "(member_id IS NULL) <> (group_id IS NULL)", name="ck_grants_one_grantee"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name="fk_grants_group_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_grants_member_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_grants_workspace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.UniqueConstraint(
            "kind",
            "object_id",
            "member_id",
            "group_id",
            name="uq_grants_kind_object_id_member_id_group_id",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_grants_member_id", "grants", ["member_id"])
    op.create_index("ix_grants_group_id", "grants", ["group_id"])


def _identified() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    ]
