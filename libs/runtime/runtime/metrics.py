"""Prometheus metrics: how they are declared, and the page they are scraped from.

Labels are bounded: route templates, models of the configuration, fixed words; never an id.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import Headers

from contracts.errors import ErrorKind, StoreError

log = logging.getLogger(__name__)

Measure = Callable[[], Awaitable[None]]
"""Sets gauges to what is true now."""

QUICK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SLOW_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)
_MEASURE_SECONDS = 2.0
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")


@dataclass(frozen=True)
class Declared:
    """A metric as the documentation lists it."""

    service: str
    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


declared: list[Declared] = []
"""Everything this process could report; `docs/metrics.md` is made from it."""


class MetricSheet:
    """Where a service declares its metrics, once, when its module is loaded."""

    def __init__(self, service: str) -> None:
        self._service = service

    def counter(self, name: str, meaning: str, *labels: str) -> Counter:
        """Something that only grows."""
        self._note(name, "counter", labels, meaning)
        return Counter(name, meaning, labels)

    def gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        """Something that goes up and down."""
        self._note(name, "gauge", labels, meaning)
        return Gauge(name, meaning, labels)

    def histogram(
        self, name: str, meaning: str, *labels: str, buckets: Sequence[float]
    ) -> Histogram:
        """Something that is measured each time it happens."""
        self._note(name, "histogram", labels, meaning)
        return Histogram(name, meaning, labels, buckets=buckets)

    def _note(self, name: str, kind: str, labels: tuple[str, ...], meaning: str) -> None:
        declared.append(Declared(self._service, name, kind, labels, meaning))


_sheet = MetricSheet("every HTTP process")
REQUESTS = _sheet.counter(
    "stoa_http_requests_total",
    "Requests answered; health checks and scrapes are left out.",
    "service",
    "method",
    "route",
    "status",
)
REQUEST_SECONDS = _sheet.histogram(
    "stoa_http_request_seconds",
    "From a request to the end of its answer, streams included.",
    "service",
    "method",
    "route",
    buckets=(0.01, 0.05, *SLOW_SECONDS),
)
OPEN_REQUESTS = _sheet.gauge("stoa_http_requests_open", "Requests being answered now.", "service")


class Gauges:
    """What must be asked for when somebody scrapes. Answers are kept for a few seconds, so that
    scraping often costs a database nothing."""

    def __init__(self, *measures: Measure, kept_seconds: float = 5) -> None:
        self._measures = measures
        self._kept_seconds = kept_seconds
        self._measured_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self) -> None:
        """Set every gauge; one that cannot be measured keeps its last value."""
        async with self._one_at_a_time:
            if time.monotonic() - self._measured_at < self._kept_seconds:
                return
            for measure in self._measures:
                await _tried(measure)
            self._measured_at = time.monotonic()


class NotForTheOutside(StoreError):
    """Metrics are not public: a request that a proxy passed on finds nothing here."""

    kind = ErrorKind.NOT_FOUND
    code = "not_found"


router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def scrape(request: Request) -> Response:
    """All metrics of this process in Prometheus' text format."""
    if _is_passed_on(request.headers):
        raise NotForTheOutside("There is nothing at this address.")
    gauges = request.state.provided.get(Gauges)
    if gauges is not None:
        await gauges.refresh()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_passed_on(headers: Headers) -> bool:
    return any(name in headers for name in _PASSED_ON)


async def _tried(measure: Measure) -> None:
    try:
        async with asyncio.timeout(_MEASURE_SECONDS):
            await measure()
    except Exception as error:  # a scrape tells what it can
        log.warning("a gauge could not be measured", exc_info=error)
