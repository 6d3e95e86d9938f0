"""The period a dashboard shows, its steps, and the period before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.stats import Step
from gateway.reporting.rules.periods import DAY, Span, day_bounds, midnight, moment
from gateway.usage.errors import UnknownPeriod

NOW = timedelta(hours=1)
DAYS = 30
LONGEST = timedelta(days=400)
_HOURLY_UP_TO = timedelta(days=2)
_STEPS: dict[Step, timedelta] = {"5min": timedelta(minutes=5), "hour": timedelta(hours=1)}


@dataclass(frozen=True)
class Window:
    """Two periods, and where the steps of the later one begin."""

    start: datetime
    end: datetime
    before: Span
    step: Step
    bounds: Sequence[datetime]
    zone: ZoneInfo


def window_of(period: str, now: datetime, zone: ZoneInfo) -> Window:
    """`now` (the last hour), `today`, `30d`, or `from..to` (to: not included).

    Before a day lies the day before up to the same hour, before 30 days the 30 days before.
    Raises UnknownPeriod.
    """
    today = now.astimezone(zone).date()
    if period == "now":
        return _window(now - NOW, now, now - 2 * NOW, "5min", zone)
    if period == "today":
        return _days(today, 1, now, zone)
    if period == "30d":
        return _days(today - (DAYS - 1) * DAY, DAYS, now, zone)
    start, end = _named(period, zone)
    step: Step = "hour" if end - start <= _HOURLY_UP_TO else "day"
    return _window(start, end, start - (end - start), step, zone)


def month_of(day: date) -> tuple[date, date]:
    """The first of this month and of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _days(first: date, count: int, now: datetime, zone: ZoneInfo) -> Window:
    start, before = midnight(first, zone), midnight(first - count * DAY, zone)
    return _window(start, now, before, "hour" if count == 1 else "day", zone)


def _named(period: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, dots, last = period.partition("..")
    start, end = moment(first, "period", zone), moment(last, "period", zone)
    if not dots or start is None or end is None:
        raise UnknownPeriod("period is now, today, 30d, or from..to.", param="period")
    if not start < end or end - start > LONGEST or start.year < 1980:
        raise UnknownPeriod(f"period is at most {LONGEST.days} days long.", param="period")
    return start, end


def _window(start: datetime, end: datetime, before: datetime, step: Step, zone: ZoneInfo) -> Window:
    if step == "day":
        bounds = day_bounds(start, end, zone)
    else:
        length, bounds = _STEPS[step], [start]
        while bounds[-1] < end:
            bounds.append(bounds[-1] + length)
    return Window(start, end, Span(before, before + (end - start)), step, bounds, zone)
