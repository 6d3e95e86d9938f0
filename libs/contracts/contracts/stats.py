"""What a dashboard shows: figures of a period, of the one before, and a series to draw."""

from typing import Literal

from pydantic import BaseModel

Step = Literal["5min", "hour", "day"]


class Figure(BaseModel):
    """A number of the period, of the period before, and of each step. None: nothing to tell."""

    value: int | None
    before: int | None = None
    series: list[int | None] = []


class CostFigure(BaseModel):
    """The same for money of one currency, as decimal strings."""

    currency: str
    value: str
    before: str
    series: list[str]


class Forecast(BaseModel):
    """What the month will have cost, all told: the days left each like the mean of the last
    `days`; low and high are two standard deviations of those days away."""

    currency: str
    month: str
    so_far: str
    likely: str
    low: str
    high: str
    days: int


class Stats(BaseModel):
    """The figures of a period. starts: when each step of the series begins.

    ingest_queue and index figures are as they are now; None: not for this reader.
    """

    object: Literal["stats"] = "stats"
    zone: str
    start: int
    end: int
    before_start: int
    before_end: int
    step: Step
    starts: list[int]
    requests: Figure
    errors: Figure
    input_tokens: Figure
    output_tokens: Figure
    active_members: Figure
    first_token_p50_ms: Figure
    first_token_p95_ms: Figure
    cost: list[CostFigure]
    ingest_queue: Figure
    index_documents: Figure
    index_passages: Figure
    forecast: list[Forecast]
