"""Which sums a call counts in, which budgets bound it, and when a period begins and ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.accounts import Power
from contracts.budgets import BudgetPeriod, BudgetState, BudgetSubject
from gateway.money import money
from gateway.payer import Payer


@dataclass(frozen=True)
class Bounding:
    """A standing budget, as far as it decides. subject_id: empty where none is named."""

    id: str
    subject: BudgetSubject
    subject_id: str
    currency: str
    amount_pico: int
    period: BudgetPeriod
    is_hard: bool


@dataclass(frozen=True)
class Sum:
    """One running sum: of whom, and in which period."""

    subject: BudgetSubject
    subject_id: str
    period: BudgetPeriod


def sums_of(payer: Payer) -> list[Sum]:
    """The sums a call counts in, always in one order: so do transactions lock them."""
    return [
        Sum(subject, subject_id, period)
        for subject, subject_id in payer.subjects()
        for period in BudgetPeriod
    ]


def bound_by(payer: Payer, budget: Bounding) -> Sum | None:
    """The sum that a budget holds against its amount; None: it does not concern this payer."""
    if budget.subject is BudgetSubject.EACH_GUEST:
        concerned = payer.power is Power.GUEST
    elif budget.subject is BudgetSubject.EACH_MEMBER:
        concerned = payer.power is not None and payer.power is not Power.GUEST
    else:
        concerned = (budget.subject, budget.subject_id) in payer.subjects()
        return Sum(budget.subject, budget.subject_id, budget.period) if concerned else None
    if not concerned or payer.member_id is None:
        return None
    return Sum(BudgetSubject.MEMBER, payer.member_id, budget.period)


def bounding(payer: Payer, budgets: Sequence[Bounding]) -> list[tuple[Bounding, Sum]]:
    """The budgets that bound a payer. A member's own takes the place of what each member has."""
    found = [(each, of) for each in budgets if (of := bound_by(payer, each)) is not None]
    own = {of for each, of in found if each.subject is BudgetSubject.MEMBER}
    general = (BudgetSubject.EACH_MEMBER, BudgetSubject.EACH_GUEST)
    return [(each, of) for each, of in found if each.subject not in general or of not in own]


def passed(
    bounds: Sequence[tuple[Bounding, Sum]],
    totals: Mapping[Sum, int],
    currency: str,
    amount_pico: int,
) -> Bounding | None:
    """The first hard budget that a call passes. totals: spent and held, this call included.

    A budget in another currency cannot be compared with the call's price: it allows what is free.
    """
    for budget, of in bounds:
        if not budget.is_hard or amount_pico == 0:
            continue
        if budget.currency != currency or totals[of] > budget.amount_pico:
            return budget
    return None


def starts_on(moment: datetime, period: BudgetPeriod, zone: ZoneInfo) -> date:
    """The first day of the period that a moment lies in."""
    day = moment.astimezone(zone).date()
    return day if period is BudgetPeriod.DAY else day.replace(day=1)


def ends_at(start: date, period: BudgetPeriod, zone: ZoneInfo) -> datetime:
    """The midnight at which the next period begins."""
    if period is BudgetPeriod.DAY:
        following = start + timedelta(days=1)
    else:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone)


def state_of(amount_pico: int, used_pico: int, warn_percent: int) -> BudgetState:
    """Where a budget stands."""
    if used_pico >= amount_pico:
        return BudgetState.REACHED
    is_near = used_pico * 100 >= amount_pico * warn_percent
    return BudgetState.NEAR if is_near else BudgetState.OPEN


_WHOSE = {
    BudgetSubject.WORKSPACE: "the workspace's",
    BudgetSubject.MEMBER: "your",
    BudgetSubject.ASSISTANT: "the assistant's",
    BudgetSubject.KEY: "the key's",
    BudgetSubject.EACH_MEMBER: "your",
    BudgetSubject.EACH_GUEST: "your",
}
_PERIOD = {BudgetPeriod.DAY: "day", BudgetPeriod.MONTH: "month"}


def reached_words(budget: Bounding, resets: datetime, currency: str) -> str:
    """Why a call is refused, and until when."""
    whose, period = _WHOSE[budget.subject], _PERIOD[budget.period]
    of = f"{whose} budget of {money(budget.amount_pico)} {budget.currency} a {period}"
    again = resets.strftime("%Y-%m-%d %H:%M %Z")
    if currency != budget.currency:
        return f"This model is priced in {currency}, and {of} allows nothing in it."
    return f"This answer could pass {of}. It begins anew on {again}."
