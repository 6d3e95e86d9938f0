"""The figures of the dashboard."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from contracts.stats import CostFigure, Figure, Stats
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.money import money
from gateway.reporting.repository.activity import ActivityRepository
from gateway.reporting.repository.stocks import Stocks, StocksRepository
from gateway.reporting.repository.sums import Sums, SumsRepository
from gateway.reporting.rules.figures import percentile
from gateway.reporting.rules.periods import (
    UTC_ZONE,
    Grain,
    Span,
    grain_for,
    midnight,
    zone_named,
)
from gateway.reporting.rules.views import Question
from gateway.reporting.rules.windows import Window, window_of
from gateway.reporting.service.asking import Asked, sight_of
from gateway.reporting.service.forecasting import forecast
from gateway.usage.rules import Grouping

STOCKS_SECONDS = 30
"""Counting a large index takes longer than anybody wants to look at a page for."""
Steps = Mapping[int, Mapping[int, int]]


class StatsService:
    """Answers what happened in a period, and in the one before."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._stocks: dict[str | None, tuple[float, Stocks]] = {}

    async def stats(self, caller: Caller, asked: Asked, period: str) -> Stats:
        """The figures as far as the caller may see them."""
        zone, now = zone_named(asked.zone), self._clock()
        window = window_of(period, now, zone)
        async with self._database.transaction() as tx:
            sight = await sight_of(tx, caller, asked)
            question = Question(sight, asked.narrowing, Span(window.start, window.end))
            gathered = await _gather(tx, question, window)
            months = await forecast(tx, replace(question, groups=()), now, zone)
            stocks = None if _is_partial(question) else await self._counted(tx, sight.workspace_id)
        return Stats(
            zone=asked.zone,
            start=unix_seconds(window.start),
            end=unix_seconds(window.end),
            before_start=unix_seconds(window.before.start or window.start),
            before_end=unix_seconds(window.before.end or window.start),
            step=window.step,
            starts=[unix_seconds(bound) for bound in window.bounds[:-1]],
            ingest_queue=Figure(value=stocks and stocks.queued),
            index_documents=Figure(value=stocks and stocks.documents),
            index_passages=Figure(value=stocks and stocks.passages),
            forecast=months,
            cost=gathered.cost(),
            **gathered.figures(),
        )

    async def _counted(self, tx: Transaction, workspace_id: str | None) -> Stocks:
        known = self._stocks.get(workspace_id)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        repository = StocksRepository(tx, workspace_id)
        stocks = Stocks(
            await repository.queued(), await repository.documents(), await repository.passages()
        )
        if len(self._stocks) > 1000:
            self._stocks.clear()
        self._stocks[workspace_id] = (time.monotonic() + STOCKS_SECONDS, stocks)
        return stocks


def _is_partial(question: Question) -> bool:
    """About some of the calls only, so that what the whole place holds says nothing."""
    return bool(question.held())


class _Gathered:
    """What the database told about both periods."""

    def __init__(self, buckets: int) -> None:
        self.buckets = buckets
        self.now: Sequence[Sums] = ()
        self.before: Sequence[Sums] = ()
        self.steps: Steps = {}
        self.steps_before: Steps = {}
        self.members: Mapping[int | None, int] = {}
        self.active, self.active_before = 0, 0

    def figures(self) -> dict[str, Figure]:
        """Every figure but money."""
        return {
            "requests": self._counted("requests"),
            "errors": self._counted("failed"),
            "input_tokens": self._counted("input_tokens"),
            "output_tokens": self._counted("output_tokens"),
            "active_members": Figure(
                value=self.active,
                before=self.active_before,
                series=[self.members.get(number, 0) for number in range(self.buckets)],
            ),
            "first_token_p50_ms": self._timed(0.5),
            "first_token_p95_ms": self._timed(0.95),
        }

    def cost(self) -> list[CostFigure]:
        """Money, currency by currency."""
        names = sorted({sums.currency for sums in (*self.now, *self.before)})
        return [self._cost(currency) for currency in names]

    def _cost(self, currency: str) -> CostFigure:
        series = [0] * self.buckets
        for sums in self.now:
            if sums.currency == currency:
                series[sums.bucket] += sums.amount_pico
        before = sum(sums.amount_pico for sums in self.before if sums.currency == currency)
        return CostFigure(
            currency=currency,
            value=money(sum(series)),
            before=money(before),
            series=[money(amount) for amount in series],
        )

    def _counted(self, name: str) -> Figure:
        series: list[int | None] = [0] * self.buckets
        for sums in self.now:
            series[sums.bucket] = (series[sums.bucket] or 0) + getattr(sums, name)
        total = sum(each or 0 for each in series)
        return Figure(
            value=total, before=sum(getattr(sums, name) for sums in self.before), series=series
        )

    def _timed(self, share: float) -> Figure:
        return Figure(
            value=percentile(_merged(self.steps), share),
            before=percentile(_merged(self.steps_before), share),
            series=[
                percentile(self.steps.get(number, {}), share) for number in range(self.buckets)
            ],
        )


async def _gather(tx: Transaction, question: Question, window: Window) -> _Gathered:
    repository, bounds = SumsRepository(tx), window.bounds
    grain = grain_for(bounds)
    now = replace(question, grain=grain)
    before = replace(question, period=window.before)
    gathered = _Gathered(len(bounds) - 1)
    most = (gathered.buckets + 1) * 100
    gathered.now = await repository.sums(now, bounds, most)
    gathered.before = await repository.sums(before)
    by_date = now
    if window.step == "day":
        # Times and members are kept by whole days of UTC. Those of the same dates stand for the
        # days of the zone, which would have to be counted call by call.
        by_date, before, bounds = _of_same_dates(now, window)
    gathered.steps = await repository.first_token_steps(by_date, bounds)
    gathered.steps_before = await repository.first_token_steps(before)
    members = replace(by_date, groups=(Grouping.MEMBER,))
    activity = ActivityRepository(tx)
    gathered.members = await activity.members(members, bounds)
    gathered.active = gathered.members.get(None, 0)
    earlier = await activity.members(replace(before, groups=(Grouping.MEMBER,)))
    gathered.active_before = earlier.get(None, 0)
    return gathered


def _of_same_dates(
    question: Question, window: Window
) -> tuple[Question, Question, Sequence[datetime]]:
    days = [bound.astimezone(window.zone).date() for bound in window.bounds]
    bounds = [midnight(day, UTC_ZONE) for day in days]
    length = bounds[-1] - bounds[0]
    now = replace(question, period=Span(bounds[0], bounds[-1]), grain=Grain.DAY)
    return now, replace(now, period=Span(bounds[0] - length, bounds[0])), bounds


def _merged(steps: Steps) -> dict[int, int]:
    merged: dict[int, int] = {}
    for counts in steps.values():
        for step, calls in counts.items():
            merged[step] = merged.get(step, 0) + calls
    return merged
