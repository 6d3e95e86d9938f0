"""What a difference means, where an interval begins, and that a night is looked at once."""

import asyncio
from datetime import UTC, datetime

import httpx2
import pytest

from contracts.clients.inference import InferenceClient
from contracts.engines import EngineCounters, Tokens
from contracts.reconciling import ReconciledEngine, Verdict
from gateway.clock import Clock
from gateway.db import Database
from gateway.reconciling.rules import (
    CARRIED_SECONDS,
    NOTHING_CHARGED,
    Base,
    Charged,
    base_of,
    compared,
    overall,
)
from gateway.reconciling.service import ReconcilingService
from gateway.reconciling.tables import Reconciliation
from gateway.settings import ReconcilingLimits
from runtime.outgoing import known_authorities
from tests.support.gateway import NOBODY, RunningGateway

USED = Tokens(input_tokens=100, cached_tokens=40, output_tokens=20)
START = Base(0, Tokens(), Tokens())


def counters(counted: Tokens, **more: object) -> EngineCounters:
    fields = {"engine": "e", "model": "m", "boot": "b", "since": 5, "window_tokens": 1_000}
    return EngineCounters.model_validate({**fields, "counted": counted, **more})


def charged(tokens: Tokens, estimated: Tokens | None = None) -> Charged:
    return Charged(3, tokens, 0 if estimated is None else 1, estimated or Tokens())


def looked(verdict: Verdict, boot: str = "b", **more: object) -> ReconciledEngine:
    fields = {"engine": "e", "model": "m", "boot": boot, "since": 10, "until": 20}
    whole = {**fields, "verdict": verdict, "counters": USED, **more}
    return ReconciledEngine.model_validate(whole)


def test_what_is_charged_to_the_token_is_equal() -> None:
    assert compared(counters(USED), START, charged(USED), 9).verdict == "equal"


@pytest.mark.parametrize(
    "more", [Tokens(input_tokens=1), Tokens(cached_tokens=1), Tokens(output_tokens=1)]
)
def test_one_token_too_many_or_too_few_differs(more: Tokens) -> None:
    assert compared(counters(USED + more), START, charged(USED), 9).verdict == "differs"
    assert compared(counters(USED), START, charged(USED + more), 9).verdict == "differs"


def test_answers_that_are_open_are_counted_as_far_as_they_were_heard() -> None:
    found = counters(USED + USED, open_calls=1, heard_open=USED)

    assert compared(found, START, charged(USED), 9).verdict == "equal"


def test_a_broken_off_answer_explains_a_little_and_no_more() -> None:
    loose = Tokens(output_tokens=16)
    little, much = (counters(USED + Tokens(output_tokens=n), loose=loose) for n in (16, 17))

    assert compared(little, START, charged(USED), 9).verdict == "explained"
    assert compared(much, START, charged(USED), 9).verdict == "differs"


def test_what_was_broken_off_before_explains_nothing_now() -> None:
    loose = Tokens(output_tokens=16)
    found = counters(USED + Tokens(output_tokens=3), loose=loose)

    assert compared(found, Base(0, Tokens(), loose), charged(USED), 9).verdict == "differs"


def test_rows_without_a_count_explain_that_the_ledger_has_more() -> None:
    estimated = Tokens(input_tokens=30)
    rows = charged(USED + estimated, estimated)

    assert compared(counters(USED), START, rows, 9).verdict == "explained"


def test_an_engine_that_does_not_count_its_cache_is_compared_by_what_it_read() -> None:
    found = counters(Tokens(input_tokens=60, output_tokens=20), counts_cached=False)

    assert compared(found, START, charged(USED), 9).verdict == "equal"


def test_nothing_counted_and_nothing_charged_is_equal() -> None:
    assert compared(counters(Tokens()), START, NOTHING_CHARGED, 9).verdict == "equal"


def test_an_interval_begins_where_the_last_one_ended() -> None:
    base = base_of(counters(USED), looked("differs"))

    assert (base.since, base.counters) == (20, USED)


def test_another_boot_begins_at_its_own_zero() -> None:
    base = base_of(counters(USED), looked("equal", boot="another"))

    assert (base.since, base.counters, base.is_restart) == (5, Tokens(), True)


def test_an_interval_that_ended_among_open_answers_is_looked_at_again_for_some_days() -> None:
    again = base_of(counters(USED), looked("explained", open_calls=2))
    later = looked("explained", open_calls=2, until=10 + CARRIED_SECONDS)

    assert again.since == 10
    assert base_of(counters(USED), later).since == later.until


@pytest.mark.parametrize(
    ("verdicts", "findings", "is_read", "worst"),
    [
        ((), 0, True, "equal"),
        (("equal", "explained"), 0, True, "explained"),
        (("equal", "unread"), 0, True, "unread"),
        ((), 0, False, "unread"),
        (("unread", "differs"), 0, True, "differs"),
        (("equal",), 1, True, "differs"),
    ],
)
def test_the_worst_verdict_is_the_whole_ones(
    verdicts: tuple[Verdict, ...], findings: int, is_read: bool, worst: Verdict
) -> None:
    assert overall([looked(each) for each in verdicts], findings, is_read=is_read) == worst


def stopped(at: datetime) -> Clock:
    """A clock that stands still."""
    return lambda: at


def nights(gateway: RunningGateway, *clocks: datetime) -> list[Reconciliation | None]:
    """What is written when somebody looks at these times, one gateway each, all at once."""

    async def looked_at() -> list[Reconciliation | None]:
        database = Database(gateway.database_url)
        async with httpx2.AsyncClient(base_url=NOBODY, verify=known_authorities()) as http:
            inference = InferenceClient(http, lambda _: "")
            services = [
                ReconcilingService(database, inference, ReconcilingLimits(), stopped(at))
                for at in clocks
            ]
            found = await asyncio.gather(*(each.reconcile_tonight() for each in services))
        await database.close()
        return found

    return asyncio.run(looked_at())


def test_of_many_gateways_one_writes_the_night(gateway: RunningGateway) -> None:
    night = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    written = [row for row in nights(gateway, night, night, night) if row is not None]

    assert [(row.night, row.verdict) for row in written] == [("2026-11-22", "unread")]


def test_before_its_hour_there_is_no_night(gateway: RunningGateway) -> None:
    assert nights(gateway, datetime(2026, 11, 22, 2, 59, tzinfo=UTC)) == [None]


def test_a_machine_that_slept_at_that_hour_looks_when_it_wakes(gateway: RunningGateway) -> None:
    morning = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    assert [row and row.night for row in nights(gateway, morning)] == ["2026-11-22"]


def test_each_night_is_looked_at(gateway: RunningGateway) -> None:
    days = (datetime(2026, 11, day, 3, 1, tzinfo=UTC) for day in (21, 22))

    assert [row and row.night for row in nights(gateway, *days)] == ["2026-11-21", "2026-11-22"]
