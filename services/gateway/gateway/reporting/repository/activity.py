"""How many members called a model, in a period and on each of its days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import BigInteger as Whole
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    extract,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy import Date as Day

from gateway.db import Transaction
from gateway.reporting.repository.facts import buckets, calls_of, facts, within
from gateway.reporting.rules.periods import DAY, Grain, grain_for
from gateway.reporting.rules.views import Question
from gateway.reporting.tables import ActiveDays, PendingEntry
from gateway.usage.tables import LedgerEntry

_LONGEST_MONTH = 31
Active = dict[int | None, int]
"""bucket of time -> how many members; None: in the whole period."""


class ActivityRepository:
    """Counts members inside one transaction. Bounds: where buckets of time begin; none: one."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def members(self, question: Question, bounds: Sequence[datetime] = ()) -> Active:
        """Who called a model, counted once a bucket and once in all. Groups by member alone."""
        days = _whole_days(question, bounds)
        if days is None:
            return await self._by_calls(question, bounds)
        return await self._by_days(question, days)

    async def _by_calls(self, question: Question, bounds: Sequence[datetime]) -> Active:
        found = facts(question, measured=False)
        bucket = buckets(found.c.at, bounds).label("bucket")
        pairs = select(bucket, found.c.member).where(found.c.member != "").distinct()
        active = pairs.cte("active")
        members = select(active.c.member).distinct().subquery()
        query = union_all(
            select(active.c.bucket, func.count()).group_by(active.c.bucket),
            select(literal(None, Whole), func.count()).select_from(members),
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def _by_days(self, question: Question, days: Sequence[date]) -> Active:
        active = _active(question, days)
        total = select(func.count(active.c.member.distinct()))
        found: Active = {None: await self._tx.scalar(total) or 0}
        on_each = [
            func.count().filter(_on(active.c.days, day)) for day in range(1, _LONGEST_MONTH + 1)
        ]
        for month, *counts in await self._tx.execute(
            select(active.c.month, *on_each).group_by(active.c.month)
        ):
            for bucket, day in enumerate(days):
                if day.replace(day=1) == month:
                    found[bucket] = counts[day.day - 1]
        return found


def _whole_days(question: Question, bounds: Sequence[datetime]) -> list[date] | None:
    """The days of UTC that the question is about, a bucket each; None: it is not about such."""
    start, end = question.period.start, question.period.end
    if start is None or end is None or question.held() or question.narrowing.is_of_single_calls:
        return None
    days = [start + number * DAY for number in range((end - start) // DAY)]
    if grain_for([start, end]) is not Grain.DAY or (bounds and [*days, end] != list(bounds)):
        return None
    return [day.date() for day in days]


def _active(question: Question, days: Sequence[date]) -> Subquery:
    """member, month, days: of those alone who were active on one of these days."""
    place = question.sight.workspace_id
    kept = select(ActiveDays.member_id.label("member"), ActiveDays.month, ActiveDays.days).where(
        ActiveDays.month.in_(sorted({day.replace(day=1) for day in days}))
    )
    if place is not None:
        kept = kept.where(ActiveDays.workspace_id == place)
    seen = union_all(kept, _waiting(question)).subquery()
    asked = case(*_masks(seen.c.month, days), else_=0)
    of_member = func.bit_or(seen.c.days.op("&")(asked))
    by_month = select(seen.c.member, seen.c.month, of_member.label("days"))
    by_month = by_month.group_by(seen.c.member, seen.c.month)
    return by_month.having(of_member != 0).subquery()


def _waiting(question: Question) -> Select[tuple[str | None, date, int]]:
    """The same of calls that are in no sum yet."""
    at = func.timezone("UTC", LedgerEntry.created_at)
    bit = cast(literal(1), Whole).op("<<")(cast(extract("day", at), Integer) - 1)
    columns = (LedgerEntry.member_id, cast(func.date_trunc("month", at), Day), bit)
    return (
        select(*columns)
        .join(PendingEntry, PendingEntry.entry_id == LedgerEntry.id)
        .where(
            calls_of(question),
            within(LedgerEntry.created_at, question.period),
            LedgerEntry.member_id.is_not(None),
            LedgerEntry.corrects.is_(None),
        )
    )


def _masks(
    month: ColumnElement[date], days: Sequence[date]
) -> Iterator[tuple[ColumnElement[bool], int]]:
    for first in sorted({day.replace(day=1) for day in days}):
        bits = sum(1 << (day.day - 1) for day in days if day.replace(day=1) == first)
        yield month == first, bits


def _on(days: ColumnElement[int], day: int) -> ColumnElement[bool]:
    return days.op("&")(1 << (day - 1)) != 0
