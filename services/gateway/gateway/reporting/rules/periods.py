"""Periods, and which of the kept spans (days, quarters of an hour) make them up exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from gateway.reporting.errors import UnknownZone
from gateway.usage.errors import UnknownPeriod

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")
FIRST_YEAR, LAST_YEAR = 1970, 2999
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Grain(IntEnum):
    """The longest kept span that a question may be answered from."""

    CALL = 0
    QUARTER = 1
    DAY = 2


@dataclass(frozen=True)
class Span:
    """From a moment up to, not including, another. None: without end on that side."""

    start: datetime | None
    end: datetime | None

    @property
    def is_empty(self) -> bool:
        """Holds no moment."""
        return self.start is not None and self.end is not None and self.start >= self.end


@dataclass(frozen=True)
class Pieces:
    """A period in kept spans. summed: what days and quarters cover together; calls: the rest."""

    days: Sequence[Span] = ()
    quarters: Sequence[Span] = ()
    calls: Sequence[Span] = ()
    summed: Span | None = field(default=None)


def pieces(period: Span, grain: Grain, *, has_quarters: bool = True) -> Pieces:
    """Days as far as whole ones fit, then quarters if there are such, and single calls at the
    very ends."""
    if not has_quarters:
        return _in_days(period, grain)
    first, last = _ceiling(period.start, QUARTER), _floor(period.end, QUARTER)
    summed = Span(first, last)
    if grain is Grain.CALL or summed.is_empty:
        return Pieces(calls=[period])
    calls = _filled(Span(period.start, first), Span(last, period.end), period)
    days = Span(_ceiling(first, DAY), _floor(last, DAY))
    if grain is Grain.QUARTER or days.is_empty:
        return Pieces(quarters=[summed], calls=calls, summed=summed)
    quarters = _filled(Span(first, days.start), Span(days.end, last), summed)
    return Pieces([days], quarters, calls, summed)


def _in_days(period: Span, grain: Grain) -> Pieces:
    days = Span(_ceiling(period.start, DAY), _floor(period.end, DAY))
    if grain is not Grain.DAY or days.is_empty:
        return Pieces(calls=[period])
    calls = _filled(Span(period.start, days.start), Span(days.end, period.end), period)
    return Pieces([days], (), calls, days)


def grain_for(bounds: Sequence[datetime]) -> Grain:
    """The longest span that lies within one bucket each, whatever it is."""
    if all(_floor(bound, DAY) == bound for bound in bounds):
        return Grain.DAY
    if all(_floor(bound, QUARTER) == bound for bound in bounds):
        return Grain.QUARTER
    return Grain.CALL


def zone_named(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises UnknownZone."""
    if name not in _zone_names():
        raise UnknownZone("zone is no time zone such as Europe/Berlin.", param="zone")
    return ZoneInfo(name)


def moment(given: str | None, param: str, zone: ZoneInfo) -> datetime | None:
    """Unix seconds, or an ISO date or time; without a zone it is this one. Raises UnknownPeriod."""
    if given is None or given == "":
        return None
    try:
        if given.isascii() and given.isdigit():
            found = datetime.fromtimestamp(int(given), UTC)
        else:
            found = datetime.fromisoformat(given)
        known = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        is_sound = FIRST_YEAR <= known.year <= LAST_YEAR
        known = known.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UnknownPeriod(f"{param} is no date.", param=param) from error
    if not is_sound:
        raise UnknownPeriod(f"{param} is no date of this age.", param=param)
    return known


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_bounds(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of all days there that the period touches, and the end of the last."""
    day, bounds = start.astimezone(zone).date(), list[datetime]()
    while not bounds or bounds[-1] < end:
        bounds.append(midnight(day, zone))
        day += DAY
    return bounds


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _filled(before: Span, after: Span, whole: Span) -> list[Span]:
    """The rests at both ends that are there: an end that is open has none."""
    rests = []
    if whole.start is not None and not before.is_empty:
        rests.append(before)
    if whole.end is not None and not after.is_empty:
        rests.append(after)
    return rests


def _floor(at: datetime | None, step: timedelta) -> datetime | None:
    return None if at is None else at - (at - _EPOCH) % step


def _ceiling(at: datetime | None, step: timedelta) -> datetime | None:
    return None if at is None else at + (_EPOCH - at) % step
