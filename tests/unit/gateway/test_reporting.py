"""What the ledger adds up to: kept sums and single calls say the same, whoever adds up when."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.ids import new_id
from gateway.accounts.tables import Member, Workspace
from gateway.db import Database, Record
from gateway.reporting.repository.activity import ActivityRepository
from gateway.reporting.repository.collecting import CollectingRepository
from gateway.reporting.repository.sums import Sums, SumsRepository
from gateway.reporting.rules.figures import month_end, percentile
from gateway.reporting.rules.periods import (
    UTC_ZONE,
    Grain,
    Span,
    day_bounds,
    grain_for,
    pieces,
    zone_named,
)
from gateway.reporting.rules.views import Narrowing, Question, Sight
from gateway.reporting.service.collecting import UsageCollector
from gateway.usage.rules import Grouping
from gateway.usage.tables import LedgerEntry
from tests.support.gateway import found, written

NOON = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
DIMENSIONS = (Grouping.MEMBER, Grouping.ASSISTANT, Grouping.MODEL, Grouping.KEY)


class Crash(Exception):
    """The process ends here."""


moments = st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)


def entry(at: datetime, chance: random.Random, **fixed: Any) -> LedgerEntry:
    """A call of somebody."""
    fields: dict[str, Any] = {
        "id": new_id("led_"),
        "created_at": at,
        "request_id": new_id("req_"),
        "purpose": "chat",
        "workspace_id": chance.choice(["wsp_a", "wsp_b"]),
        "member_id": chance.choice(["mem_a", "mem_b", None]),
        "model": chance.choice(["small", "large"]),
        "engine": "simulator",
        "input_tokens": chance.randrange(2_000),
        "cached_tokens": 0,
        "output_tokens": chance.randrange(500),
        "status": chance.choice(["complete", "complete", "cancelled", "failed"]),
        "currency": chance.choice(["USD", "EUR"]),
        "price_input_pico": 1,
        "price_cached_input_pico": 1,
        "price_output_pico": 1,
        "amount_pico": Decimal(chance.randrange(10**20)),
        "first_token_ms": chance.choice([None, 1, 90, 120, 4_000]),
        "total_ms": 5_000,
    }
    return LedgerEntry(**{**fields, **fixed})


def entries(count: int, seed: int = 1) -> list[LedgerEntry]:
    """Calls over three weeks, some on the very edges of days and quarters."""
    chance = random.Random(seed)  # noqa: S311
    edges = [NOON.replace(hour=0), NOON.replace(minute=15), NOON.replace(hour=18, minute=30)]
    spread = [NOON + timedelta(seconds=chance.uniform(-10, 10) * 86_400) for _ in range(count)]
    return [entry(at, chance) for at in (edges + spread)[:count]]


async def people(database_url: str) -> None:
    rows: list[Record] = [Workspace(id=name, name=name) for name in ("wsp_a", "wsp_b")]
    rows += [
        Member(id=name, email=f"{name}@example.org", name=name, password_hash="", is_operator=False)
        for name in ("mem_a", "mem_b")
    ]
    await written(database_url, rows)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await people(database_url)
    opened = Database(database_url)
    yield opened
    await opened.close()


async def asked(database: Database, question: Question, *bounds: datetime) -> list[Sums]:
    async with database.transaction() as tx:
        return await SumsRepository(tx).sums(question, bounds)


def table(sums: Sequence[Sums]) -> dict[Any, Any]:
    return {
        (*(each.group.values()), each.bucket, each.currency): (
            each.requests, each.failed, each.cancelled, each.input_tokens, each.output_tokens,
            each.amount_pico,
        )
        for each in sums
    }  # fmt: skip


def by_hand(rows: Sequence[LedgerEntry], question: Question) -> dict[Any, Any]:
    """The same sums, made of the rows one by one."""
    start, end = question.period.start, question.period.end
    totals: dict[Any, list[int]] = {}
    for row in rows:
        is_in = (start is None or row.created_at >= start) and (end is None or row.created_at < end)
        if not is_in or question.sight.workspace_id not in (None, row.workspace_id):
            continue
        if question.narrowing.member not in (None, row.member_id):
            continue
        group = [getattr(row, {"model": "model"}.get(g, f"{g}_id")) for g in question.groups]
        key = (*group, 0, row.currency)
        added = (
            1, row.status == "failed", row.status == "cancelled", row.input_tokens,
            row.output_tokens, int(row.amount_pico),
        )  # fmt: skip
        totals[key] = [a + b for a, b in zip(totals.get(key, [0] * 6), added, strict=True)]
    return {key: tuple(total) for key, total in totals.items()}


def met(rows: Sequence[LedgerEntry], question: Question) -> dict[int | None, int]:
    """Who called on which day of the period, counted by hand. None: in all."""
    start, end = edges(question.period)
    first = start.replace(hour=0)
    who: dict[int | None, set[str]] = {}
    for row in rows:
        is_in = start <= row.created_at < end and row.member_id is not None
        is_in = is_in and question.sight.workspace_id in (None, row.workspace_id)
        if is_in and question.narrowing.model in (None, row.model):
            who.setdefault((row.created_at - first).days, set()).add(row.member_id or "")
            who.setdefault(None, set()).add(row.member_id or "")
    return {at: len(members) for at, members in who.items()}


def edges(period: Span) -> tuple[datetime, datetime]:
    assert period.start is not None
    assert period.end is not None
    return period.start, period.end


async def crashing(database: Database, *rows: LedgerEntry) -> None:
    """Writes, adds up, and ends before the commit."""
    async with database.transaction() as tx:
        tx.add_all(rows)
        await tx.flush()
        assert await CollectingRepository(tx).collect(25) > 0
        raise Crash


async def drained(collector: UsageCollector) -> None:
    while await collector.collect():
        pass


@pytest.mark.parametrize("collected", [0, 37, 120])
async def test_kept_sums_and_waiting_calls_together_are_what_the_rows_say(
    database: Database, database_url: str, collected: int
) -> None:
    rows = entries(120)
    await written(database_url, list(rows))
    await UsageCollector(database, batch=max(1, collected)).collect()
    until = NOON + timedelta(hours=3, minutes=7, seconds=5)
    periods = [Span(None, None), Span(NOON - timedelta(days=5, seconds=3), until)]
    wrong = []
    for period in periods:
        for sight in (Sight(), Sight("wsp_a")):
            for groups in ((), *((each,) for each in DIMENSIONS), DIMENSIONS[:3:2]):
                for member in (None, "mem_b"):
                    question = Question(sight, Narrowing(member=member), period, groups)
                    found = table(await asked(database, question))
                    if found != by_hand(rows, question):
                        wrong.append((period, sight, groups, member))

    assert wrong == []


@pytest.mark.parametrize("collected", [0, 37, 120])
async def test_a_member_is_counted_once_a_day_and_once_in_all(
    database: Database, database_url: str, collected: int
) -> None:
    rows = entries(120)
    await written(database_url, list(rows))
    await UsageCollector(database, batch=max(1, collected)).collect()
    first = NOON.replace(month=10, day=29, hour=0)
    bounds = [first + timedelta(days=number) for number in range(24)]
    wrong = []
    for sight in (Sight(), Sight("wsp_a")):
        for model in (None, "small"):
            for span in (Span(bounds[0], bounds[-1]), Span(bounds[4], NOON)):
                question = Question(sight, Narrowing(model=model), span, (Grouping.MEMBER,))
                start, end = edges(span)
                steps = [at for at in bounds if start <= at <= end]
                async with database.transaction() as tx:
                    found = await ActivityRepository(tx).members(question, steps)
                if {at: count for at, count in found.items() if count} != met(rows, question):
                    wrong.append((sight, model, span))

    assert wrong == []


async def test_a_correction_is_nobodys_visit(database: Database, database_url: str) -> None:
    chance = random.Random(4)  # noqa: S311
    call = entry(NOON, chance, member_id="mem_a")
    later = entry(NOON + timedelta(days=3), chance, member_id="mem_a", corrects=call.id)
    await written(database_url, [call])
    await written(database_url, [later])
    period = Span(NOON.replace(hour=0), NOON.replace(hour=0) + timedelta(days=4))
    question = Question(Sight(), Narrowing(), period, (Grouping.MEMBER,))
    seen = []
    for _ in ("waiting", "added up"):
        async with database.transaction() as tx:
            seen.append(
                await ActivityRepository(tx).members(question, day_bounds(*edges(period), UTC_ZONE))
            )
        await drained(UsageCollector(database))

    assert [each[0] for each in seen] == [1, 1]
    assert [each.get(3, 0) for each in seen] == [0, 0]


async def test_days_are_those_of_the_zone(database: Database, database_url: str) -> None:
    chance = random.Random(2)  # noqa: S311
    at = datetime(2026, 11, 9, 18, 29, 59, tzinfo=UTC)  # midnight in Kolkata is 18:30
    rows = [entry(at + timedelta(seconds=later), chance, currency="USD") for later in (0, 1, 2)]
    await written(database_url, list(rows))
    await drained(UsageCollector(database))
    zone = zone_named("Asia/Kolkata")
    bounds = day_bounds(at, at + timedelta(seconds=5), zone)
    question = Question(Sight(), Narrowing(), Span(bounds[0], bounds[-1]), (), grain_for(bounds))
    found = await asked(database, question, *bounds)

    assert [(sums.bucket, sums.requests) for sums in found] == [(0, 1), (1, 2)]


async def test_corrections_add_up(database: Database, database_url: str) -> None:
    chance = random.Random(3)  # noqa: S311
    call = entry(NOON, chance, currency="USD", amount_pico=Decimal(70))
    undone = entry(NOON, chance, currency="USD", amount_pico=Decimal(-50))
    await written(database_url, [call, undone])
    await drained(UsageCollector(database))
    [sums] = await asked(database, Question(Sight(), Narrowing(), Span(None, None)))

    assert sums.amount_pico == 20


async def test_a_crash_between_take_and_commit_loses_and_doubles_nothing(
    database: Database, database_url: str
) -> None:
    rows = entries(40)
    await written(database_url, list(rows))
    with pytest.raises(Crash):
        await crashing(database)
    await drained(UsageCollector(database, batch=7))
    left = await found(database_url, "SELECT count(*) FROM usage_pending")
    question = Question(Sight(), Narrowing(), Span(None, None))

    assert left == [(0,)]
    assert table(await asked(database, question)) == by_hand(rows, question)


async def test_two_collectors_beside_writers_count_each_call_once(
    database: Database, database_url: str
) -> None:
    rows = entries(150)
    first, second = UsageCollector(database, batch=10), UsageCollector(database, batch=13)

    async def write() -> None:
        for at in range(0, len(rows), 30):
            await written(database_url, list(rows[at : at + 30]))

    async def collect(collector: UsageCollector) -> None:
        for _ in range(25):
            await collector.collect()

    await asyncio.gather(write(), collect(first), collect(second))
    await asyncio.gather(drained(first), drained(second))
    await drained(first)
    kept = await found(
        database_url,
        "SELECT currency, sum(requests), sum(amount_pico) FROM usage_sums WHERE grain = 'quarter'"
        " AND dimension = 'all' AND workspace_id = '' GROUP BY currency",
    )

    assert {row[0]: (row[1], row[2]) for row in kept} == {
        currency: (count, sum(r.amount_pico for r in rows if r.currency == currency))
        for currency, count in Counter(row.currency for row in rows).items()
    }


async def test_a_row_that_is_rolled_back_is_not_counted(database: Database) -> None:
    with pytest.raises(Crash):
        await crashing(database, entry(NOON, random.Random(4)))  # noqa: S311

    assert await UsageCollector(database).collect() == 0


@given(moments, st.timedeltas(timedelta(0), timedelta(days=40)), st.sampled_from(Grain), moments)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_pieces_cover_each_moment_once(
    start: datetime, length: timedelta, grain: Grain, at: datetime
) -> None:
    period = Span(start, start + length)
    made = pieces(period, grain)
    everything = [*made.days, *made.quarters, *made.calls]
    holding = [span for span in everything if span.start <= at < span.end]  # type: ignore[operator]

    assert len(holding) == (1 if start <= at < start + length else 0)
    assert not any(span.is_empty for span in everything) or length == timedelta(0)


def test_percentiles_are_within_five_percent() -> None:
    chance = random.Random(5)  # noqa: S311
    times = sorted(chance.randrange(20, 30_000) for _ in range(2_000))
    steps = Counter(next(n for n in range(200) if 1.1 ** (n + 1) > each) for each in times)

    for share in (0.5, 0.95):
        shown = percentile(steps, share)
        assert shown is not None
        assert shown == pytest.approx(times[int(share * len(times)) - 1], rel=0.05)


def test_a_month_ends_like_its_last_days() -> None:
    even, uneven = month_end(70, [10] * 7, 3.0), month_end(70, [0, 20] * 3, 3.0)

    assert (even.low, even.likely, even.high) == (100, 100, 100)
    assert uneven.low < uneven.likely == 100 < uneven.high
    assert uneven.low >= 70
