"""Budgets, and the running sums that they are held against."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Budget(Identified, Record):
    """What a workspace, or one subject within it, may spend in a period.

    subject: contracts.budgets.BudgetSubject. subject_id: whom or what it names; empty where the
    subject is the workspace or each of its members. is_operators: set by the installation, so that
    the workspace's own admins cannot raise it. An ended budget counts no more and is kept.
    """

    __tablename__ = "budgets"
    __table_args__ = (
        CheckConstraint("amount_pico >= 0", name="amount_not_negative"),
        CheckConstraint("warn_percent BETWEEN 1 AND 100", name="warn_percent"),
        Index(
            "uq_budgets_standing",
            "workspace_id",
            "subject",
            "subject_id",
            "period",
            "is_operators",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    subject: Mapped[str]
    subject_id: Mapped[str]
    currency: Mapped[str]
    amount_pico: Mapped[int] = mapped_column(Numeric(38, 0))
    period: Mapped[str]
    is_hard: Mapped[bool]
    warn_percent: Mapped[int]
    is_operators: Mapped[bool]
    ended_at: Mapped[datetime | None]


class Spend(Record):
    """What one subject has spent, and holds for calls under way, in one period.

    Kept for every subject whether it has a budget or not, so that a new budget is right at once.
    workspace_id: who pays. starts_on: the period's first day in the installation's time zone.
    """

    __tablename__ = "spends"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    spent_pico: Mapped[int] = mapped_column(Numeric(38, 0), server_default=text("0"))
    held_pico: Mapped[int] = mapped_column(Numeric(38, 0), server_default=text("0"))
