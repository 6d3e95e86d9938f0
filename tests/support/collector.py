"""A small OpenTelemetry collector: takes spans over OTLP/HTTP and keeps them.

with served(collector.app) as address: ...   # STOA_OTLP_URL
collector.spans                              # what arrived
"""

import gzip
from dataclasses import dataclass, field

from fastapi import FastAPI, Request, Response
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """A span as it arrived."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, str]
    events: tuple[str, ...]


@dataclass
class Collector:
    """Keeps spans."""

    spans: list[Seen] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @property
    def app(self) -> FastAPI:
        app = FastAPI()
        app.post("/v1/traces", response_model=None)(self._take)
        return app

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.raw.append(body)
        self.spans += _read(body)
        return Response(media_type="application/x-protobuf")

    def of_trace(self, trace: str) -> list[Seen]:
        return [seen for seen in self.spans if seen.trace == trace]


def _read(body: bytes) -> list[Seen]:
    message = ExportTraceServiceRequest.FromString(body)
    found = []
    for resource in message.resource_spans:
        names = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                attributes = {each.key: str(each.value).strip() for each in span.attributes}
                found.append(
                    Seen(
                        service=names["service.name"].removeprefix("stoa-"),
                        name=span.name,
                        trace=span.trace_id.hex(),
                        span=span.span_id.hex(),
                        parent=span.parent_span_id.hex(),
                        attributes=attributes,
                        events=tuple(event.name for event in span.events),
                    )
                )
    return found
