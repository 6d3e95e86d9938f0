"""The outermost layer of every app: request id, timing header, last-resort error, body limit.

Plain ASGI, because Starlette's BaseHTTPMiddleware would buffer streams.
"""

import logging
import re
import time
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import ErrorKind, StoreError
from runtime.logs import REQUEST_ID, accepted_id, working_for
from runtime.problems import last_resort, problem
from runtime.stopping import shutting_down

log = logging.getLogger(__name__)

_HEALTH = "/health/"


class BodyTooLarge(StoreError):
    """The request's body is over the limit of its path."""

    kind = ErrorKind.TOO_LARGE
    code = "request_too_large"


class RequestEnvelope:
    """Gives each request an id, and each failure an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = accepted_id(Headers(scope=scope).get(REQUEST_ID, ""))
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        has_started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                headers["openai-processing-ms"] = str(int((time.perf_counter() - started) * 1000))
            await send(message)

        with working_for(request_id):
            try:
                app = _refusing(request_id) if _is_too_late(scope) else self._app
                await app(scope, receive, send_with_headers)
            except ClientDisconnect:
                log.info("reader left")
            except Exception:
                log.exception("unhandled error")
                if has_started:
                    raise
                await last_resort(request_id)(scope, receive, send_with_headers)


def _is_too_late(scope: Scope) -> bool:
    """The process is ending: what comes now belongs to another one."""
    stopping = scope["state"].get("stopping")
    return stopping is not None and stopping.is_asked and not scope["path"].startswith(_HEALTH)


def _refusing(request_id: str) -> ASGIApp:
    refusal = problem(shutting_down(), request_id)
    refusal.headers["connection"] = "close"
    return refusal


class BodyLimit:
    """Refuses bodies over a limit, counted while they arrive: a length header may lie.

    limits: path prefix -> bytes; the longest matching prefix wins, else `default_bytes`. A `*`
    in a prefix stands for one part of the path; with a `$` at its end it is the whole path.
    """

    def __init__(self, app: ASGIApp, default_bytes: int, limits: Mapping[str, int]) -> None:
        self._app = app
        self._default_bytes = default_bytes
        self._limits = [
            (re.compile(re.escape(prefix).replace(r"\*", "[^/]+").replace(r"\$", "$")), limit)
            for prefix, limit in sorted(limits.items(), key=lambda item: -len(item[0]))
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, counted, send)

    def _limit_of(self, path: str) -> int:
        return next(
            (limit for prefix, limit in self._limits if prefix.match(path)),
            self._default_bytes,
        )

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        # A client that is still sending would see a reset instead of this answer, so what it
        # sends is read and thrown away, up to twice the limit.
        thrown_away = 0
        while thrown_away < 2 * limit:
            message = await receive()
            thrown_away += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                break
        request_id = scope.get("state", {}).get("request_id")
        await problem(_too_large(limit), request_id)(scope, receive, send)


def _too_large(limit_bytes: int) -> BodyTooLarge:
    if limit_bytes >= 1 << 20:
        return BodyTooLarge(f"The request is larger than {limit_bytes >> 20} MiB.")
    return BodyTooLarge(f"The request is larger than {limit_bytes} bytes.")
