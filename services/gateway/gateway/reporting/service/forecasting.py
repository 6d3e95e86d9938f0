"""What the month will have cost at its end."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.stats import Forecast
from gateway.db import Transaction
from gateway.money import money
from gateway.reporting.repository.sums import SumsRepository
from gateway.reporting.rules.figures import month_end
from gateway.reporting.rules.periods import DAY, Span, day_bounds, grain_for, midnight
from gateway.reporting.rules.views import Question
from gateway.reporting.rules.windows import month_of

DAYS = 7
"""A forecast goes by the last whole days: a week, so that its Sunday counts as one."""
_MOST = 10_000


async def forecast(
    tx: Transaction, question: Question, now: datetime, zone: ZoneInfo
) -> list[Forecast]:
    """One a currency. Days before the first call are not counted as days without cost."""
    today = now.astimezone(zone).date()
    first, next_first = month_of(today)
    week = midnight(today - DAYS * DAY, zone)
    start = min(midnight(first, zone), week)
    bounds = day_bounds(start, now, zone)
    asked = Question(question.sight, question.narrowing, Span(start, now), (), grain_for(bounds))
    by_day: dict[str, dict[date, int]] = {}
    for sums in await SumsRepository(tx).sums(asked, bounds, _MOST):
        day = bounds[sums.bucket].astimezone(zone).date()
        by_day.setdefault(sums.currency, {})[day] = sums.amount_pico
    days_left = (midnight(next_first, zone) - now) / timedelta(days=1)
    return [
        _forecast(currency, amounts, today, days_left)
        for currency, amounts in sorted(by_day.items())
    ]


def _forecast(currency: str, amounts: dict[date, int], today: date, days_left: float) -> Forecast:
    since = min(amounts)
    days = [today - number * DAY for number in range(1, DAYS + 1)]
    known = [amounts.get(day, 0) for day in days if day >= since]
    so_far = sum(amount for day, amount in amounts.items() if day >= today.replace(day=1))
    end = month_end(so_far, known, days_left)
    return Forecast(
        currency=currency,
        month=today.strftime("%Y-%m"),
        so_far=money(end.so_far),
        likely=money(end.likely),
        low=money(end.low),
        high=money(end.high),
        days=len(known),
    )
