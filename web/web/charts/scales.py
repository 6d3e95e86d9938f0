"""Round numbers for the ends and the lines of an axis."""

import math

LINES = 4
"""A chart has so many lines above its ground."""
_SMALL = 5
"""Above it the steps of what is counted are its multiples."""
_ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def top_of(most: float) -> float:
    """The round number at or above the largest value, so that the lines below it are short."""
    if most <= 0 or not math.isfinite(most):
        return float(LINES)
    power = 10.0 ** math.floor(math.log10(most))
    return next((each * power for each in _ROUND if each * power >= most), 10 * power)


def lines(top: float, *, whole: bool) -> list[float]:
    """The values of the lines, the highest first, the ground last. whole: of things that are
    counted; a line between two numbers would name none."""
    if whole and top < LINES:
        return [float(each) for each in range(math.ceil(top), -1, -1)]
    if whole:
        step = math.ceil(top / LINES)
        step = step if step <= _SMALL else math.ceil(step / _SMALL) * _SMALL
        return [float(step * each) for each in range(LINES, -1, -1)]
    return [top * each / LINES for each in range(LINES, -1, -1)]
