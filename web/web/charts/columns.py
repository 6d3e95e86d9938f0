"""Columns over time, and the line of a tile. Both fill a box of 100 by 100 that pages stretch."""

from collections.abc import Sequence
from dataclasses import dataclass

from web.charts.scales import lines, top_of

SIZE = 100.0
_GAP = 0.25
"""The share of a column's place that stays empty."""
_LEAST = 0.6
"""What is not nothing is seen."""


@dataclass(frozen=True)
class Column:
    """One column: where it stands, and which value it is (an index into what was given)."""

    x: float
    y: float
    width: float
    height: float
    number: int


@dataclass(frozen=True)
class Columns:
    """A chart of columns. lines: the values of its lines, the highest first."""

    columns: Sequence[Column]
    lines: Sequence[float]


def columns(values: Sequence[float], *, whole: bool = False, beside: float = 0) -> Columns:
    """A column for each value; negative ones (more was corrected than used) stand at nothing.

    beside: a value that is drawn otherwise, and has to have room.
    """
    at = lines(top_of(max(beside, *values, 0)), whole=whole)
    place = SIZE / max(1, len(values))
    drawn = [_column(number, value / at[0] * SIZE, place) for number, value in enumerate(values)]
    return Columns(drawn, at)


@dataclass(frozen=True)
class Dash:
    """A level line over the columns of what is still to come."""

    x: float
    y: float


def dash(chart: Columns, first: int, value: float) -> Dash:
    """The line of a value from a column on to the end."""
    place = SIZE / max(1, len(chart.columns))
    return Dash(round(place * first, 3), round(SIZE - value / chart.lines[0] * SIZE, 2))


def share(value: float, most: float) -> float:
    """How far a bar reaches, of 100."""
    return round(min(SIZE, max(0.0, value / most * SIZE)), 2) if most > 0 else 0.0


def spark(values: Sequence[float | None]) -> str:
    """The points of a line through the values, for `<polyline points>`; `` for fewer than two.

    Gaps (nothing was measured) are passed over.
    """
    known = [(number, value) for number, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    most = max(value for _, value in known)
    last = max(1, len(values) - 1)
    points = (
        (number / last * SIZE, SIZE - (value / most * SIZE if most > 0 else 0))
        for number, value in known
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _column(number: int, height: float, place: float) -> Column:
    tall = max(height, _LEAST) if height > 0 else 0.0
    width = place * (1 - _GAP)
    x = place * number + place * _GAP / 2
    return Column(round(x, 3), round(SIZE - tall, 2), round(width, 3), round(tall, 2), number)
