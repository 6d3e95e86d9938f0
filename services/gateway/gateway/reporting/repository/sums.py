"""Sums and first-token times, by bucket of time or by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, func, literal, select

from gateway.db import Transaction
from gateway.reporting.repository.facts import MEASURES, buckets, facts, first_tokens
from gateway.reporting.rules.views import Question
from gateway.reporting.tables import UsageSum
from gateway.usage.rules import Grouping
from gateway.usage.tables import LedgerEntry

MOST_GROUPS = 1000


@dataclass(frozen=True)
class Sums:
    """What the calls of one group add up to. bucket: which span of time, from 0 on."""

    group: dict[Grouping, str | None]
    bucket: int
    currency: str
    requests: int
    failed: int
    cancelled: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    amount_pico: int


class SumsRepository:
    """Answers questions inside one transaction. Bounds: where buckets of time begin; none: one."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def sums(
        self, question: Question, bounds: Sequence[datetime] = (), most: int = MOST_GROUPS
    ) -> list[Sums]:
        """Sums by group, bucket and currency: amounts of different currencies are never added.

        The dearest first, after the time where it is asked for.
        """
        found = facts(question)
        groups = [group for group in question.groups if group is not Grouping.DAY]
        bucket = buckets(found.c.at, bounds).label("bucket")
        keys = [*(found.c[group.value] for group in groups), bucket, found.c.currency]
        totals = [func.sum(found.c[name]).label(name) for name in MEASURES]
        # Numbers of columns: a bucket has parameters, which no GROUP BY knows again.
        places = [_place(number) for number in range(1, len(keys) + 1)]
        query = select(*keys, *totals).group_by(*places)
        query = query.order_by(bucket, totals[-1].desc(), *places).limit(most)
        return [_sums(groups, tuple(row)) for row in await self._tx.execute(query)]

    async def first_token_steps(
        self, question: Question, bounds: Sequence[datetime] = ()
    ) -> dict[int, dict[int, int]]:
        """bucket -> step of time -> calls."""
        found = first_tokens(question)
        bucket = buckets(found.c.at, bounds).label("bucket")
        query = select(bucket, found.c.step, func.sum(found.c.calls)).group_by(_place(1), _place(2))
        steps: dict[int, dict[int, int]] = {}
        for row in await self._tx.execute(query):
            steps.setdefault(row[0], {})[row[1]] = int(row[2])
        return steps

    async def first_call_at(self) -> datetime | None:
        """Since when there are calls."""
        kept = select(func.min(UsageSum.starts_at)).where(
            UsageSum.dimension == "all", UsageSum.grain == "day", UsageSum.workspace_id == ""
        )
        calls = select(func.min(LedgerEntry.created_at))
        found = [await self._tx.scalar(query) for query in (kept, calls)]
        return min((at for at in found if at is not None), default=None)


def _place(number: int) -> ColumnElement[Any]:
    return literal(number, Integer, literal_execute=True)


def _sums(groups: Sequence[Grouping], row: tuple[Any, ...]) -> Sums:
    keys, rest = row[: len(groups)], row[len(groups) :]
    bucket, currency, *totals = rest
    # PostgreSQL sums integers as NUMERIC; each of these is whole.
    return Sums(
        {group: key or None for group, key in zip(groups, keys, strict=True)},
        bucket,
        currency,
        *(int(total) for total in totals),
    )
