"""Cost by something as charts, one a currency; the month's with what is still to come."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from contracts.stats import Forecast
from contracts.usage import UsageRow
from web.admin.filters import Filters
from web.charts.columns import Dash, columns, dash, share

MOST_COLUMNS = 400
"""More would be thinner than a line; the table has them all."""
_DAY = timedelta(days=1)


class Outlook:
    """What the days left of a month will cost. a_day: one of them, as decimal string."""

    def __init__(self, forecast: Forecast, now: datetime, filters: Filters) -> None:
        today = now.astimezone(filters.zone).date()
        self.forecast = forecast
        self.next_first = (today.replace(day=1) + 32 * _DAY).replace(day=1)
        left = datetime.combine(self.next_first, time(), filters.zone) - now
        more = Decimal(forecast.likely) - Decimal(forecast.so_far)
        self.a_day = str(max(Decimal(0), more / Decimal(max(left / _DAY, 0.001))))
        self.first = today + _DAY
        self.count = (self.next_first - self.first).days


class Chart:
    """The rows of one currency, and how they are drawn. days: what the columns stand for."""

    def __init__(
        self,
        currency: str,
        rows: list[UsageRow],
        days: Sequence[str],
        outlook: Outlook | None = None,
    ) -> None:
        self.currency = currency
        self.rows = rows
        amounts = [float(Decimal(row.cost)) for row in rows]
        most = max(amounts, default=0)
        self.shares = [share(amount, most) for amount in amounts]
        costs = {row.day: row.cost for row in rows}
        self.outlook = outlook if outlook is not None and outlook.count else None
        self.known = len(days)
        days = [*days, *_days_to_come(self.outlook)]
        self.days = [(day, costs.get(day, "0")) for day in days]
        level = float(self.outlook.a_day) if self.outlook else 0
        self.columns = columns([float(Decimal(cost)) for _, cost in self.days], beside=level)
        self.dash: Dash | None = dash(self.columns, self.known, level) if self.outlook else None
        self.total = str(sum((Decimal(row.cost) for row in rows), Decimal(0)))


def charts_of(
    rows: list[UsageRow], filters: Filters, now: datetime, forecasts: Sequence[Forecast]
) -> list[Chart]:
    """Currencies are never drawn into one."""
    names = sorted({row.currency for row in rows})
    days = _days(rows, filters, now) if filters.by == "day" else []
    is_of_month = filters.by == "day" and filters.period == "month"
    outlooks = {
        each.currency: Outlook(each, now, filters)
        for each in forecasts
        if each.days and is_of_month
    }
    return [
        Chart(name, [row for row in rows if row.currency == name], days, outlooks.get(name))
        for name in names
    ]


def _days_to_come(outlook: Outlook | None) -> list[str]:
    if outlook is None:
        return []
    return [(outlook.first + number * _DAY).isoformat() for number in range(outlook.count)]


def _days(rows: list[UsageRow], filters: Filters, now: datetime) -> list[str]:
    """Every day of the period, also those without a call; of an open one from the first call on."""
    known = sorted(row.day for row in rows if row.day is not None)
    if not known:
        return []
    today = now.astimezone(filters.zone).date()
    first = filters.since or date.fromisoformat(known[0])
    last = max(min(filters.until or today, today), date.fromisoformat(known[-1]))
    count = min((last - first).days + 1, MOST_COLUMNS)
    return [(last - timedelta(days=number)).isoformat() for number in range(count - 1, -1, -1)]
