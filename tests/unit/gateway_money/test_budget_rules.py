"""When a period begins and ends, which budgets bound whom, and where one stands."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.accounts import Power
from contracts.budgets import BudgetPeriod, BudgetState, BudgetSubject
from gateway.budgets.rules import (
    Bounding,
    Sum,
    bounding,
    ends_at,
    passed,
    starts_on,
    state_of,
)
from gateway.money import pico
from gateway.payer import Payer

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
DAY, MONTH = BudgetPeriod.DAY, BudgetPeriod.MONTH
ADA = Payer("wsp_1", "mem_ada", "ast_1", "key_1", Power.MEMBER)
GUEST = Payer("wsp_1", "mem_guest", None, None, Power.GUEST)


def budget(
    subject: BudgetSubject, subject_id: str = "", amount_pico: int = 100, *, is_hard: bool = True
) -> Bounding:
    return Bounding(f"bud_{subject}", subject, subject_id, "USD", amount_pico, DAY, is_hard)


def test_a_day_begins_at_midnight_of_the_installation() -> None:
    evening = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)

    assert starts_on(evening, DAY, ZoneInfo("UTC")) == date(2026, 10, 31)
    assert starts_on(evening, DAY, SHANGHAI) == date(2026, 11, 1)
    assert starts_on(evening, MONTH, SHANGHAI) == date(2026, 11, 1)
    assert starts_on(evening, MONTH, ZoneInfo("UTC")) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("start", "period", "wanted"),
    [
        (date(2026, 12, 31), DAY, "2027-01-01T00:00:00+01:00"),
        (date(2026, 12, 1), MONTH, "2027-01-01T00:00:00+01:00"),
        (date(2028, 2, 1), MONTH, "2028-03-01T00:00:00+01:00"),
        (date(2026, 3, 29), DAY, "2026-03-30T00:00:00+02:00"),  # the clocks went forward
        (date(2026, 10, 25), DAY, "2026-10-26T00:00:00+01:00"),  # and back
    ],
)
def test_a_period_ends_at_the_next_midnight_of_the_place(
    start: date, period: BudgetPeriod, wanted: str
) -> None:
    assert ends_at(start, period, BERLIN).isoformat() == wanted


@given(st.integers(1_577_836_800, 2_208_988_800))
def test_every_moment_lies_in_its_period(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    for period in BudgetPeriod:
        for zone in (BERLIN, SHANGHAI):
            start = starts_on(moment, period, zone)
            midnight = datetime(start.year, start.month, start.day, tzinfo=zone)

            assert midnight <= moment < ends_at(start, period, zone)


def test_a_budget_bounds_those_whom_it_names() -> None:
    budgets = [
        budget(BudgetSubject.WORKSPACE),
        budget(BudgetSubject.MEMBER, "mem_bob"),
        budget(BudgetSubject.ASSISTANT, "ast_1"),
        budget(BudgetSubject.KEY, "key_2"),
    ]
    found = [each.subject for each, _ in bounding(ADA, budgets)]

    assert found == [BudgetSubject.WORKSPACE, BudgetSubject.ASSISTANT]


def test_what_each_member_may_spend_is_held_against_their_own_sum() -> None:
    each, guests = budget(BudgetSubject.EACH_MEMBER), budget(BudgetSubject.EACH_GUEST)

    assert bounding(ADA, [each, guests]) == [(each, Sum(BudgetSubject.MEMBER, "mem_ada", DAY))]
    assert bounding(GUEST, [each, guests]) == [
        (guests, Sum(BudgetSubject.MEMBER, "mem_guest", DAY))
    ]


def test_a_members_own_budget_takes_the_place_of_what_each_member_has() -> None:
    own = budget(BudgetSubject.MEMBER, "mem_ada", 500)
    found = bounding(ADA, [budget(BudgetSubject.EACH_MEMBER), own])

    assert [each for each, _ in found] == [own]


def test_only_hard_budgets_refuse_and_only_what_passes_them() -> None:
    soft, hard = budget(BudgetSubject.WORKSPACE, is_hard=False), budget(BudgetSubject.WORKSPACE)
    of = Sum(BudgetSubject.WORKSPACE, "", DAY)

    assert passed([(soft, of)], {of: 101}, "USD", 1) is None
    assert passed([(hard, of)], {of: 100}, "USD", 1) is None
    assert passed([(hard, of)], {of: 101}, "USD", 1) is hard


def test_a_price_in_another_currency_is_refused_unless_it_is_nothing() -> None:
    hard, of = budget(BudgetSubject.WORKSPACE), Sum(BudgetSubject.WORKSPACE, "", DAY)

    assert passed([(hard, of)], {of: 1}, "EUR", 1) is hard
    assert passed([(hard, of)], {of: 1_000}, "EUR", 0) is None


@given(st.decimals(min_value=0, max_value=10**12 - 1, places=12))
def test_amounts_are_read_to_the_last_pico_unit(amount: object) -> None:
    assert pico(f"{amount:f}") == int(amount * 10**12)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("used", "wanted"),
    [(0, "open"), (79, "open"), (80, "near"), (99, "near"), (100, "reached"), (130, "reached")],
)
def test_a_budget_is_near_from_the_share_to_warn_at(used: int, wanted: str) -> None:
    assert state_of(100, used, 80) is BudgetState(wanted)


def test_a_budget_of_nothing_is_reached() -> None:
    assert state_of(0, 0, 80) is BudgetState.REACHED
