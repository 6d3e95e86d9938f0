"""Reports and the cases they belong to, what was taken down, and the featured shelf."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Case(Identified, Record):
    """What is said against a listing until it is judged; an assistant has one open case at most.

    is_appeal: its builders asked for another look. outcome: contracts.moderation.CaseOutcome.
    words: the moderator's.
    """

    __tablename__ = "report_cases"
    __table_args__ = (
        Index(
            "ix_report_cases_open", "assistant_id", unique=True, postgresql_where="outcome IS NULL"
        ),
        Index("ix_report_cases_assistant_id", "assistant_id"),
    )

    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"))
    is_appeal: Mapped[bool] = mapped_column(server_default=text("false"))
    outcome: Mapped[str | None]
    words: Mapped[str] = mapped_column(server_default=text("''"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("members.id"))


class Report(Identified, Record):
    """What one member has against a listing. version: what was published then."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("case_id", "member_id"),
        Index("ix_reports_member_id_created_at", "member_id", "created_at"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("report_cases.id", ondelete="CASCADE"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    reason: Mapped[str]
    words: Mapped[str]
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Takedown(Identified, Record):
    """An assistant out of the store, until lifted_at; `assistants.taken_down_at` is the fact that
    decides, words the reason. judged_at: when the answer was looked at, which then stays."""

    __tablename__ = "takedowns"
    __table_args__ = (
        Index(
            "ix_takedowns_standing",
            "assistant_id",
            unique=True,
            postgresql_where="lifted_at IS NULL",
        ),
    )

    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"))
    words: Mapped[str]
    taken_by: Mapped[str] = mapped_column(ForeignKey("members.id"))
    answer: Mapped[str] = mapped_column(server_default=text("''"))
    answered_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("members.id"))


class FeaturedSlot(Record):
    """A place on the store's first shelf."""

    __tablename__ = "featured_slots"
    __table_args__ = (CheckConstraint("place BETWEEN 1 AND 8", name="place"),)

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), unique=True)
