"""Open the store."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0022"
branch_labels = None
depends_on = None

_NOW = sa.func.now()
_NONE = sa.text("0")


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=_NOW)


def upgrade() -> None:
    """Who used a listing, what they gave it, and what is counted of both."""
    _people()
    _ratings()
    _scores()
    _prints()


def _people() -> None:
    op.create_table(
        "listing_people",
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("builder_id", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("conversations", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assistant_id"], ["assistants.id"], name="fk_listing_people_assistant_id"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_listing_people_member_id"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_listing_people_workspace_id"
        ),
        sa.PrimaryKeyConstraint("assistant_id", "member_id", name="pk_listing_people"),
    )
    op.create_index(
        "ix_listing_people_assistant_id_last_used_at",
        "listing_people",
        ["assistant_id", "last_used_at"],
    )
    op.create_index(
        "ix_listing_people_member_id_builder_id", "listing_people", ["member_id", "builder_id"]
    )


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("stars", sa.BigInteger(), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        _moment("changed_at"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_ratings_stars")),
        sa.ForeignKeyConstraint(
            ["assistant_id", "member_id"],
            ["listing_people.assistant_id", "listing_people.member_id"],
            name="fk_ratings_assistant_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        sa.UniqueConstraint("assistant_id", "member_id", name="uq_ratings_assistant_id_member_id"),
    )
    op.create_index("ix_ratings_member_id", "ratings", ["member_id"])
    op.create_index(
        "ix_ratings_reviewed",
        "ratings",
        ["assistant_id", "id"],
        postgresql_where=sa.text("review <> ''"),
    )


def _scores() -> None:
    weights = ("weighed_people", "weighed_votes", "weighed_stars", "recent_people", "former_people")
    counts = ("people", "conversations", "answers")
    op.create_table(
        "listing_scores",
        sa.Column("assistant_id", sa.Text(), nullable=False),
        _moment("listed_at"),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False, server_default=_NONE)
            for name in counts
        ),
        sa.Column(
            "stars",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            server_default=sa.text("'{0,0,0,0,0}'"),
        ),
        *(sa.Column(name, sa.Float(), nullable=False, server_default=_NONE) for name in weights),
        sa.Column("similar_to", sa.Text(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        _moment("changed_at"),
        sa.ForeignKeyConstraint(
            ["assistant_id"], ["assistants.id"], name="fk_listing_scores_assistant_id"
        ),
        sa.ForeignKeyConstraint(
            ["similar_to"], ["assistants.id"], name="fk_listing_scores_similar_to"
        ),
        sa.PrimaryKeyConstraint("assistant_id", name="pk_listing_scores"),
    )
    op.create_index("ix_listing_scores_similar_to", "listing_scores", ["similar_to"])


def _prints() -> None:
    op.create_table(
        "listing_prints",
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sketch", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("bands", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("is_short", sa.Boolean(), nullable=False),
        sa.Column("files", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assistant_id"], ["assistants.id"], name="fk_listing_prints_assistant_id"
        ),
        sa.PrimaryKeyConstraint("assistant_id", name="pk_listing_prints"),
    )
    op.create_index("ix_listing_prints_bands", "listing_prints", ["bands"], postgresql_using="gin")


def downgrade() -> None:
    """The store closes: nobody rates anything."""
    for table in ("listing_prints", "listing_scores", "ratings", "listing_people"):
        op.drop_table(table)
