"""Money is whole pico-units (10^-12 of a currency) inside, and a plain decimal string outside."""

from decimal import Decimal

PICO = 10**12


def money(pico: int) -> str:
    """Pico-units as a plain decimal string: 123_000_000 is "0.000123"."""
    sign = "-" if pico < 0 else ""
    whole, rest = divmod(abs(pico), PICO)
    decimals = f"{rest:012d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def pico(amount: str) -> int:
    """A decimal string as pico-units: exact, for it has at most twelve decimals."""
    return int(Decimal(amount) * PICO)
