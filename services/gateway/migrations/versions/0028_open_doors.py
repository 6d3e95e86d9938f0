"""Open doors."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NOW = sa.func.now()


def upgrade() -> None:
    """Links to assistants, who follows them, guests and their visits, what they get a day."""
    op.add_column(
        "members",
        sa.Column("is_guest", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    _links()
    _visits()
    op.create_table(
        "allowances",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "subject", name="pk_allowances"),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["assistant_id"], ["assistants.id"], name="fk_links_assistant_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_links_workspace_id"),
        sa.ForeignKeyConstraint(["created_by"], ["members.id"], name="fk_links_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.UniqueConstraint("token_hash", name="uq_links_token_hash"),
    )
    op.create_index("ix_links_assistant_id", "links", ["assistant_id"])
    op.create_table(
        "link_followers",
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.ForeignKeyConstraint(
            ["link_id"], ["links.id"], name="fk_link_followers_link_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_link_followers_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("link_id", "member_id", name="pk_link_followers"),
    )
    op.create_index("ix_link_followers_member_id", "link_followers", ["member_id"])


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_visits_member_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_visits_workspace_id"),
        sa.ForeignKeyConstraint(["assistant_id"], ["assistants.id"], name="fk_visits_assistant_id"),
        sa.ForeignKeyConstraint(
            ["link_id"], ["links.id"], name="fk_visits_link_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_visits_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.UniqueConstraint("token_hash", name="uq_visits_token_hash"),
    )
    for column in ("member_id", "assistant_id", "link_id", "key_id", "last_used_at"):
        op.create_index(f"ix_visits_{column}", "visits", [column])


def downgrade() -> None:
    """Nobody comes from outside. Guests who said something stay as rows without a name."""
    op.execute("UPDATE assistants SET visibility = 'private' WHERE visibility = 'link'")
    for table in ("allowances", "visits", "link_followers", "links"):
        op.drop_table(table)
    op.execute("UPDATE members SET deleted_at = coalesce(deleted_at, now()) WHERE is_guest")
    op.drop_column("members", "is_guest")
