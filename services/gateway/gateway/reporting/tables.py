"""Sums of the ledger by quarter of an hour and by day, and the rows that are not in them yet."""

from datetime import date, datetime

from sqlalchemy import Date, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Record


class PendingEntry(Record):
    """A ledger row that no sum holds yet. A trigger writes it in the transaction of the row, so
    that whatever order transactions commit in, each row is counted once."""

    __tablename__ = "usage_pending"

    entry_id: Mapped[str] = mapped_column(primary_key=True)


class UsageSum(Record):
    """What the rows of a span add up to, along one dimension at a time.

    dimension: all, member, assistant, model or key; value: which one, `` for none.
    grain: how long the span is, `day` (UTC), or `quarter` of an hour, which makes the days of every
    time zone, and is kept for all and model alone: of members there would be as many as calls.
    workspace_id: `` for the sums of the whole installation (all and model).
    """

    __tablename__ = "usage_sums"
    __table_args__ = (
        # Whose sums a period has is answered by the index alone.
        Index("ix_usage_sums_period", "dimension", "grain", "starts_at", "workspace_id", "value"),
    )

    dimension: Mapped[str] = mapped_column(primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    requests: Mapped[int]
    failed: Mapped[int]
    cancelled: Mapped[int]
    input_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    output_tokens: Mapped[int]
    amount_pico: Mapped[int] = mapped_column(Numeric(38, 0))


class FirstTokenCount(Record):
    """How many calls of a span had their first token within a step of time.

    Steps grow by a tenth: step n begins at 1.1 to the power of n milliseconds. grain: of single
    workspaces `day` alone, of the installation (workspace_id ``) `quarter` too.
    """

    __tablename__ = "usage_first_tokens"

    grain: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    calls: Mapped[int]


class ActiveDays(Record):
    """On which days (UTC) of a month a member called a model: bit n of `days` is day n + 1.

    Who was active on any day of a period cannot be added up from its days, and a row a day and
    member is more than a page can wait for.
    """

    __tablename__ = "usage_active_days"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
