"""What is noted of every request: one line in the log, the metrics, the server's span."""

import logging
import time

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime import telemetry
from runtime.metrics import OPEN_REQUESTS, REQUEST_SECONDS, REQUESTS

log = logging.getLogger("stoa.requests")

UNMATCHED = "unmatched"
READER_LEFT = 499
"""nginx's number for a reader who left before the answer began."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNOBSERVED = ("/health/", "/metrics")


class Observed:
    """The layer under the request's envelope. Neither query strings nor ids of paths leave it."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNOBSERVED):
            await self._app(scope, receive, send)
            return
        status = 500  # of whatever ends without an answer: the envelope then gives one

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        opened = OPEN_REQUESTS.labels(self._service)
        opened.inc()
        carried = Headers(scope=scope)
        with telemetry.span("request", "server", carried=carried) as span:
            try:
                await self._app(scope, receive, send_noted)
            except ClientDisconnect:
                status = READER_LEFT
                raise
            finally:
                opened.dec()
                self._note(scope, status, time.perf_counter() - started, span)

    def _note(self, scope: Scope, status: int, seconds: float, span: telemetry.Span) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = route_of(scope)
        REQUESTS.labels(self._service, method, route, str(status)).inc()
        REQUEST_SECONDS.labels(self._service, method, route).observe(seconds)
        facts = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
        }
        log.info("request", extra={"facts": facts})
        span.rename(f"{method} {route}")
        span.note(
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
                "stoa.request_id": scope["state"]["request_id"],
            }
        )
        if status >= 500:
            span.fail(str(status))


def route_of(scope: Scope) -> str:
    """The template a path matched, such as `/v1/files/{file_id}`."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str):
        return path
    # A mounted app, such as web's static files, has no route of ours.
    mounted = scope.get("root_path", "")
    return mounted if "endpoint" in scope and mounted else UNMATCHED
