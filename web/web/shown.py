"""Numbers, times, sizes and money as people read them."""

import time
from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent

_UNITS = ("B", "kB", "MB", "GB")
_MANIFOLD = 10
"""From so many times on, a growth is not told in percent."""


def ago(at: int, locale: Locale) -> str:
    """How long ago a Unix time was, in words."""
    # Of nothing Babel would say "in 0 seconds".
    seconds = max(1, int(time.time()) - at)
    return format_timedelta(-seconds, add_direction=True, locale=locale)


def moment(at: int, locale: Locale, zone: tzinfo = UTC) -> str:
    """A Unix time as date and time, of UTC unless another zone is named."""
    return format_datetime(datetime.fromtimestamp(at, zone), "yyyy-MM-dd HH:mm:ss", locale=locale)


def day(iso_date: str, locale: Locale) -> str:
    """A date in as few letters as tell it."""
    return format_skeleton("MMMd", date.fromisoformat(iso_date), locale=locale)


def full_day(iso_date: str, locale: Locale) -> str:
    """A date with its day of the week."""
    return format_date(date.fromisoformat(iso_date), "full", locale=locale)


def month(iso_month: str, locale: Locale) -> str:
    """A month, from 2026-11."""
    return format_skeleton("yMMMM", date.fromisoformat(f"{iso_month}-01"), locale=locale)


def time_of(at: int, locale: Locale, zone: tzinfo) -> str:
    """The time of day."""
    return format_datetime(datetime.fromtimestamp(at, zone), "HH:mm", locale=locale)


def seconds(milliseconds: int, locale: Locale) -> str:
    """A short time in seconds, without the unit: below one second with two digits."""
    digits = 2 if milliseconds < 1_000 else 1
    return str(format_decimal(round(milliseconds / 1000, digits), locale=locale))


def is_growth_from_nothing(value: int | str | None, before: int | str | None) -> bool:
    """There was nothing before, and now there is something."""
    return value is not None and before is not None and not Decimal(before) and Decimal(value) > 0


def change(value: int | str | None, before: int | str | None, locale: Locale) -> str:
    """By how much a figure went up or down; `` where there is nothing to compare with. From next to
    nothing the rate says only that it is large."""
    if value is None or before is None or not Decimal(before):
        return ""
    rate = Decimal(value) / Decimal(before) - 1
    if rate >= _MANIFOLD:
        return f"> {format_decimal(_MANIFOLD, locale=locale)}\u00d7"
    shown = str(format_percent(rate, "+#,##0%;-#,##0%", locale=locale))
    return shown.replace("-", "\u2212")


def iso(at: int) -> str:
    """A Unix time for `<time datetime>`."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def count(number: int, locale: Locale) -> str:
    """A whole number with separators."""
    return str(format_decimal(number, locale=locale))


def size(number: int, locale: Locale) -> str:
    """Bytes in the unit that needs few digits."""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{format_decimal(round(value, 1), locale=locale)} {_UNITS[unit]}"


def money(cost: str, currency: str, locale: Locale) -> str:
    """An amount with as many digits as it needs, at least two after the point."""
    amount = Decimal(cost)
    if amount == amount.quantize(Decimal("0.01")):
        return f"{format_decimal(amount, format='#,##0.00', locale=locale)} {currency}"
    return f"{format_decimal(amount, format='#,##0.00##########', locale=locale)} {currency}"


def rounded(cost: str, currency: str, locale: Locale) -> str:
    """An amount as one looks at it: cents, and of less than one unit three digits that count."""
    amount = Decimal(cost)
    if amount and abs(amount) < 1:
        places = min(12, 2 - amount.adjusted())
        amount = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        return f"{format_decimal(amount, format='#,##0.00##########', locale=locale)} {currency}"
    amount = amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return f"{format_decimal(amount, format='#,##0.00', locale=locale)} {currency}"
