"""OpenTelemetry traces, by hand: off until `STOA_OTLP_URL` names a collector.

While they are off OpenTelemetry's SDK is not imported and no header is sent. Attributes are
routes, counts and ids of ours: never a text somebody wrote.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import AnyHttpUrl

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OpenSpan

log = logging.getLogger(__name__)

T = TypeVar("T")
Kind = Literal["server", "client", "internal", "producer", "consumer"]
Attributes = Mapping[str, str | int | float | bool]

HEADERS = ("traceparent", "tracestate")
_SEND_EVERY_MS = 1_000
_SEND_SECONDS = 3
_LAST_SECONDS = 1.5
_PATH = "/v1/traces"

_provider: "TracerProvider | None" = None


def configure_traces(service: str, url: AnyHttpUrl | None, share: float = 1.0) -> None:
    """Send spans of this process to the collector at `url`; nothing at all without one.

    share: of the traces that begin here; one that began elsewhere is followed as it was decided.
    """
    global _provider  # noqa: PLW0603 - one process, one tracer: as OpenTelemetry itself has it
    if url is None or _provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    exporter = OTLPSpanExporter(endpoint=str(url).rstrip("/") + _PATH, timeout=_SEND_SECONDS)
    _provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(share)),
        resource=Resource.create({"service.name": f"stoa-{service}"}),
        shutdown_on_exit=False,
    )
    _provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_SEND_EVERY_MS))


def close_traces() -> None:
    """Send what is left, and forget the collector."""
    global _provider
    provider, _provider = _provider, None
    if provider is not None:
        # A collector that is away must not keep a process that is to end.
        sending = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(_LAST_SECONDS)


class Span:
    """A piece of work that is being timed; without a collector it takes notes of nothing."""

    def __init__(self, inner: "OpenSpan | None" = None) -> None:
        self._inner = inner

    def note(self, attributes: Attributes) -> None:
        """Add facts."""
        if self._inner is not None:
            self._inner.set_attributes(attributes)

    def rename(self, name: str) -> None:
        """Call it by what is known only now."""
        if self._inner is not None:
            self._inner.update_name(name)

    def event(self, name: str) -> None:
        """Something happened at this moment."""
        if self._inner is not None:
            self._inner.add_event(name)

    def fail(self, reason: str) -> None:
        """It did not succeed. reason: a code or a class, never a message."""
        if self._inner is not None:
            from opentelemetry.trace import Status, StatusCode

            self._inner.set_attribute("error.type", reason)
            self._inner.set_status(Status(StatusCode.ERROR))


_NOTHING = Span()


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    attributes: Attributes | None = None,
    carried: Mapping[str, str] | None = None,
) -> Iterator[Span]:
    """Time the block. carried: the headers a request or message came with, naming its parent."""
    if _provider is None:
        yield _NOTHING
        return
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = None if carried is None else TraceContextTextMapPropagator().extract(carried)
    with _provider.get_tracer("stoa").start_as_current_span(
        name,
        context=parent,
        kind=SpanKind[kind.upper()],
        attributes=attributes,
        record_exception=False,  # messages and tracebacks may quote what people wrote
        set_status_on_exception=False,
    ) as inner:
        found = Span(inner)
        try:
            yield found
        except (Exception, asyncio.CancelledError) as error:
            found.fail(type(error).__name__)
            raise


async def streamed(
    name: str, items: AsyncGenerator[T, None], is_first: Callable[[T], bool]
) -> AsyncGenerator[T, None]:
    """The items as they come, timed from the first request to the last item, with an event at the
    first that counts. What is opened for the first item becomes the span's child."""
    if _provider is None:
        async with aclosing(items):
            async for item in items:
                yield item
        return
    from opentelemetry.trace import use_span

    inner = _provider.get_tracer("stoa").start_span(name)
    timed, has_begun = Span(inner), False
    try:
        async with aclosing(items):
            while True:
                try:
                    # Current for one step only: between two steps another task may go on.
                    with use_span(inner, record_exception=False, set_status_on_exception=False):
                        item = await anext(items)
                except StopAsyncIteration:
                    return
                if not has_begun and is_first(item):
                    has_begun = True
                    timed.event("first token")
                yield item
    except Exception as error:
        timed.fail(type(error).__name__)
        raise
    finally:
        inner.end()


def outgoing() -> dict[str, str]:
    """Headers that name the current span as parent; none while traces are off."""
    headers: dict[str, str] = {}
    if _provider is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(headers)
    return headers


def trace_id() -> str | None:
    """The current trace, for log lines."""
    if _provider is None:
        return None
    from opentelemetry.trace import format_trace_id, get_current_span

    found = get_current_span().get_span_context()
    return format_trace_id(found.trace_id) if found.is_valid else None
