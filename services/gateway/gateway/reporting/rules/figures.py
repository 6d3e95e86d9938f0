"""Percentiles out of counted steps, and what a month will cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STEP = 1.1
"""Each step of first-token times begins a tenth later than the one before."""
SPREAD = 2
"""The range of a forecast: so many standard deviations to both sides."""


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """The time, in milliseconds, that this share of calls did not exceed, within 5 %."""
    total = sum(counts.values())
    if total <= 0:
        return None
    wanted, seen = math.ceil(share * total), 0
    for step in sorted(counts):
        seen += counts[step]
        if seen >= wanted:
            return round(math.pow(STEP, step + 0.5))
    return None


@dataclass(frozen=True)
class MonthEnd:
    """What a month will have cost, all told, in pico-units."""

    so_far: int
    likely: int
    low: int
    high: int


def month_end(so_far: int, days: Sequence[int], days_left: float) -> MonthEnd:
    """The days to come each like the mean of these; the range as these days differ."""
    if not days:
        return MonthEnd(so_far, so_far, so_far, so_far)
    mean = sum(days) / len(days)
    deviation = math.sqrt(sum((day - mean) ** 2 for day in days) / len(days))
    likely = so_far + round(mean * days_left)
    swing = round(SPREAD * deviation * math.sqrt(days_left))
    return MonthEnd(so_far, likely, max(so_far, likely - swing), likely + swing)
