"""Money is held before a call, and each call is charged once, whoever settles it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import DBAPIError

from contracts.accounts import Power
from contracts.budgets import BudgetPeriod, BudgetSubject
from gateway.budgets.errors import BudgetReached
from gateway.reservations.service.keeping import ReservationKeeper
from gateway.settings import MoneyLimits
from gateway.usage.rules import TokenPrice
from tests.unit.gateway_money.purse import (
    INPUT,
    KEY,
    MEMBER,
    MODEL,
    MOST_PICO,
    PAYER,
    Books,
    Purse,
    clock_at,
    ended,
    other_member,
    planned,
)

LONG_AGO = "UPDATE reservations SET renewed_at = now() - interval '31 seconds'"
ABANDONED_SECONDS = 30


async def test_what_a_call_may_cost_is_held_until_it_is_charged(purse: Purse) -> None:
    await purse.reservations.reserve(planned("a"))
    while_it_runs = await purse.books()
    await purse.reservations.settle(ended("a", output_tokens=3))

    assert while_it_runs == Books(0, 0, 0, MOST_PICO, 1)
    assert await purse.books() == Books(1_300, 1, 1_300, 0, 0)


async def test_a_call_is_charged_once_however_often_it_is_settled(purse: Purse) -> None:
    await purse.reservations.reserve(planned("a"))
    for _ in range(3):
        await purse.reservations.settle(ended("a"))

    assert await purse.books() == Books(MOST_PICO, 1, MOST_PICO, 0, 0)


async def test_a_call_that_was_never_made_costs_nothing(purse: Purse) -> None:
    await purse.reservations.reserve(planned("a"))
    await purse.reservations.release("a")
    await purse.reservations.release("a")

    assert await purse.books() == Books(0, 0, 0, 0, 0)


async def test_a_hard_budget_refuses_what_could_pass_it_and_says_until_when(purse: Purse) -> None:
    await purse.allow(2 * MOST_PICO)
    at = purse.at(clock_at(datetime(2026, 11, 22, 12, tzinfo=UTC)))
    await at.reserve(planned("a"))
    await at.reserve(planned("b"))
    with pytest.raises(BudgetReached) as refusal:
        await at.reserve(planned("c"))

    assert "the workspace's budget of 0.000000004 USD a month" in refusal.value.message
    assert "2026-12-01 00:00 UTC" in refusal.value.message
    assert refusal.value.retry_after_seconds is None
    assert (await purse.books()).open_calls == 2


async def test_what_a_call_did_not_use_can_be_spent_by_the_next(purse: Purse) -> None:
    await purse.allow(MOST_PICO + 1_300)
    await purse.reservations.reserve(planned("a"))
    with pytest.raises(BudgetReached):
        await purse.reservations.reserve(planned("b"))
    await purse.reservations.settle(ended("a", output_tokens=3))
    await purse.reservations.reserve(planned("b"))

    assert (await purse.books()).held_pico == MOST_PICO


async def test_a_budget_that_only_warns_refuses_nothing(purse: Purse) -> None:
    await purse.allow(0, is_hard=False)
    await purse.reservations.reserve(planned("a"))

    assert (await purse.books()).open_calls == 1


@pytest.mark.parametrize(
    ("subject", "subject_id"),
    [
        (BudgetSubject.WORKSPACE, ""),
        (BudgetSubject.MEMBER, MEMBER),
        (BudgetSubject.KEY, KEY),
        (BudgetSubject.EACH_MEMBER, ""),
    ],
)
async def test_each_kind_of_budget_refuses(
    purse: Purse, subject: BudgetSubject, subject_id: str
) -> None:
    await purse.allow(MOST_PICO, subject, subject_id, period=BudgetPeriod.DAY)
    payer = replace(PAYER, key_id=KEY)
    await purse.reservations.reserve(planned("a", payer))

    with pytest.raises(BudgetReached):
        await purse.reservations.reserve(planned("b", payer))


async def test_each_member_has_an_allowance_of_their_own(purse: Purse) -> None:
    await purse.allow(MOST_PICO, BudgetSubject.EACH_MEMBER)
    await purse.reservations.reserve(planned("a"))
    await purse.reservations.reserve(planned("b", other_member()))

    with pytest.raises(BudgetReached):
        await purse.reservations.reserve(planned("c"))


async def test_an_allowance_of_guests_bounds_no_member(purse: Purse) -> None:
    await purse.allow(0, BudgetSubject.EACH_GUEST)
    await purse.reservations.reserve(planned("a"))

    with pytest.raises(BudgetReached):
        await purse.reservations.reserve(planned("b", replace(PAYER, power=Power.GUEST)))


async def test_a_model_without_price_is_free_whatever_the_budget(purse: Purse) -> None:
    await purse.allow(0)
    free = replace(MODEL, price=TokenPrice(0, 0, 0))
    await purse.reservations.check(PAYER, free)
    await purse.reservations.reserve(planned("a", model=free))
    await purse.reservations.settle(ended("a", model=free))

    assert (await purse.books()).rows == 1


async def test_a_used_up_budget_is_seen_before_any_work_is_done(purse: Purse) -> None:
    await purse.allow(MOST_PICO)
    await purse.reservations.check(PAYER, MODEL)
    await purse.reservations.reserve(planned("a"))

    with pytest.raises(BudgetReached):
        await purse.reservations.check(PAYER, MODEL)


async def test_a_call_is_paid_by_the_day_in_which_it_began(purse: Purse) -> None:
    await purse.allow(MOST_PICO, period=BudgetPeriod.DAY)
    zone = ZoneInfo("Asia/Shanghai")
    before = purse.at(clock_at(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)), zone)
    after = purse.at(clock_at(datetime(2026, 11, 30, 16, 1, tzinfo=UTC)), zone)
    await before.reserve(planned("a"))
    await after.settle(ended("a"))
    await after.reserve(planned("b"))

    with pytest.raises(BudgetReached):
        await before.reserve(planned("c"))


async def test_what_a_dead_process_left_is_charged_by_an_estimate(purse: Purse) -> None:
    await purse.reservations.reserve(planned("a"))
    fresh = await purse.reservations.sweep(ABANDONED_SECONDS)
    await purse.run(LONG_AGO)
    swept = await purse.reservations.sweep(ABANDONED_SECONDS)

    assert (fresh, swept) == (0, 1)
    assert await purse.books() == Books(INPUT * 10, 1, INPUT * 10, 0, 0)


async def test_the_estimate_is_the_last_count_that_was_noted(purse: Purse) -> None:
    keeper = ReservationKeeper(purse.database, MoneyLimits())
    await purse.reservations.reserve(planned("a"))
    keeper.watch("a", lambda: ended("a", output_tokens=7).usage)
    await keeper.renew()
    await purse.run(LONG_AGO)
    await purse.reservations.sweep(ABANDONED_SECONDS)

    assert (await purse.books()).charged_pico == INPUT * 10 + 7 * 100


async def test_a_renewed_call_is_not_swept(purse: Purse) -> None:
    keeper = ReservationKeeper(purse.database, MoneyLimits())
    await purse.reservations.reserve(planned("a"))
    await purse.run(LONG_AGO)
    keeper.watch("a", lambda: None)
    await keeper.renew()

    assert await purse.reservations.sweep(ABANDONED_SECONDS) == 0


async def test_many_sweepers_charge_each_call_once(purse: Purse) -> None:
    for number in range(30):
        await purse.reservations.reserve(planned(f"r{number}"))
    await purse.run(LONG_AGO)
    swept = await asyncio.gather(*(purse.reservations.sweep(ABANDONED_SECONDS) for _ in range(5)))

    assert sum(swept) == 30
    assert await purse.books() == Books(30_000, 30, 30_000, 0, 0)


async def test_a_process_that_was_only_slow_corrects_the_estimate_in_a_new_row(
    purse: Purse,
) -> None:
    await purse.reservations.reserve(planned("a"))
    await purse.run(LONG_AGO)
    await purse.reservations.sweep(ABANDONED_SECONDS)
    for _ in range(2):
        await purse.reservations.settle(ended("a", output_tokens=4))

    assert await purse.books() == Books(1_400, 2, 1_400, 0, 0)


async def test_an_estimate_that_was_right_needs_no_correction(purse: Purse) -> None:
    await purse.reservations.reserve(planned("a"))
    await purse.run(LONG_AGO)
    await purse.reservations.sweep(ABANDONED_SECONDS)
    await purse.reservations.settle(ended("a", output_tokens=0))

    assert (await purse.books()).rows == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger SET amount_pico = 0", "DELETE FROM ledger", "TRUNCATE ledger CASCADE"],
)
async def test_rows_of_the_ledger_are_only_ever_added(purse: Purse, statement: str) -> None:
    await purse.reservations.record(ended("a"))

    with pytest.raises(DBAPIError, match="rows are only ever added"):
        await purse.run(statement)


async def test_the_dearer_of_fresh_and_cached_input_is_held(purse: Purse) -> None:
    odd = replace(MODEL, price=TokenPrice(10, 30, 100))
    await purse.reservations.reserve(planned("a", model=odd))

    assert (await purse.books()).held_pico == INPUT * 30 + 1_000
