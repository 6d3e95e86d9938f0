"""Moderate the store."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_NOTHING = sa.text("''")


def _moment(name: str, *, is_optional: bool = False) -> sa.Column[datetime]:
    default = None if is_optional else sa.func.now()
    kind = sa.DateTime(timezone=True)
    return sa.Column(name, kind, nullable=is_optional, server_default=default)


def _to(table: str, column: str, other: str, on_delete: str | None = None) -> sa.Constraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=on_delete)


def upgrade() -> None:
    """Reports and their cases, take-downs, featured listings, and reasons in the audit trail."""
    op.add_column("assistants", _moment("taken_down_at", is_optional=True))
    op.add_column("audit_events", sa.Column("words", sa.Text(), nullable=True))
    _cases()
    _reports()
    _takedowns()
    op.create_table(
        "featured_slots",
        sa.Column("place", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 8", name=op.f("ck_featured_slots_place")),
        _to("featured_slots", "assistant_id", "assistants"),
        sa.PrimaryKeyConstraint("place", name="pk_featured_slots"),
        sa.UniqueConstraint("assistant_id", name="uq_featured_slots_assistant_id"),
    )


def _cases() -> None:
    op.create_table(
        "report_cases",
        sa.Column("id", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("is_appeal", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False, server_default=_NOTHING),
        _moment("closed_at", is_optional=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        _to("report_cases", "assistant_id", "assistants"),
        _to("report_cases", "closed_by", "members"),
        sa.PrimaryKeyConstraint("id", name="pk_report_cases"),
    )
    op.create_index(
        "ix_report_cases_open",
        "report_cases",
        ["assistant_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index("ix_report_cases_assistant_id", "report_cases", ["assistant_id"])


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _moment("changed_at"),
        _to("reports", "case_id", "report_cases", "CASCADE"),
        _to("reports", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("case_id", "member_id", name="uq_reports_case_id_member_id"),
    )
    op.create_index("ix_reports_member_id_created_at", "reports", ["member_id", "created_at"])


def _takedowns() -> None:
    op.create_table(
        "takedowns",
        sa.Column("id", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.Column("assistant_id", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, server_default=_NOTHING),
        _moment("answered_at", is_optional=True),
        _moment("judged_at", is_optional=True),
        _moment("lifted_at", is_optional=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        _to("takedowns", "assistant_id", "assistants"),
        _to("takedowns", "taken_by", "members"),
        _to("takedowns", "lifted_by", "members"),
        sa.PrimaryKeyConstraint("id", name="pk_takedowns"),
    )
    op.create_index(
        "ix_takedowns_standing",
        "takedowns",
        ["assistant_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def downgrade() -> None:
    """What was taken down is back in the store; nobody reports anything."""
    for table in ("featured_slots", "takedowns", "reports", "report_cases"):
        op.drop_table(table)
    op.drop_column("audit_events", "words")
    op.drop_column("assistants", "taken_down_at")
