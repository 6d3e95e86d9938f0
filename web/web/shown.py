"""Numbers, times, sizes and money as people read them."""

import time
from datetime import UTC, datetime
from decimal import Decimal

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal

_UNITS = ("B", "kB", "MB", "GB")


def ago(at: int, locale: Locale) -> str:
    """How long ago a Unix time was, in words."""
    # Of nothing Babel would say "in 0 seconds".
    seconds = max(1, int(time.time()) - at)
    return format_timedelta(-seconds, add_direction=True, locale=locale)


def moment(at: int, locale: Locale) -> str:
    """A Unix time as date and time (UTC)."""
    return format_datetime(datetime.fromtimestamp(at, UTC), "yyyy-MM-dd HH:mm:ss", locale=locale)


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
