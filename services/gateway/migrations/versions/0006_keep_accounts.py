"""Accounts people can rely on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    """Accounts people can rely on."""
    # Nullable or with a constant: no row is rewritten, and older code can go on writing.
    for name in ("pending_since", "deleted_at"):
        op.add_column("members", _moment(name))
    op.add_column("workspaces", _moment("deleted_at"))
    op.add_column("sessions", _moment("last_used_at"))
    op.add_column(
        "sessions", sa.Column("device", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.create_table(
        "tickets",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_tickets_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("token_hash", name="uq_tickets_token_hash"),
    )
    op.create_index("ix_tickets_member_id", "tickets", ["member_id"])
