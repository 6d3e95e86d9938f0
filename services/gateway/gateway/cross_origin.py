"""Answers for pages of other web sites: readable there only where a key names the site.

Preflights carry no key: the routes that have one answer them by what live keys name. Every other
answer opens itself by the key it was asked with, and by nothing else. No cookie is ever read, so
credentials are never allowed.
"""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import ErrorKind, StoreError

PREFLIGHT_SECONDS = 600
_STATE = "readable_by_origin"
_EXPOSED = (
    "x-request-id, openai-processing-ms, retry-after, retry-after-ms, x-should-retry, "
    "idempotent-replayed, "
    "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
    "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens"
)
# What the official SDKs send, which changes with their versions; nothing of it is trusted.
_HEADER_NAMES = re.compile(r"[A-Za-z0-9, -]{1,1000}")


class OriginNotAllowed(StoreError):
    """The page's web site is none of those that the key is for."""

    kind = ErrorKind.FORBIDDEN
    code = "origin_not_allowed"


def answer_may_be_read_by(origin: str, request: Request) -> None:
    """Note that this request's answer, good or bad, may be read by pages of `origin`."""
    setattr(request.state, _STATE, origin)


def preflight_passed(request: Request, methods: str) -> Response:
    """The answer to a preflight whose origin some live key names."""
    asked = request.headers.get("access-control-request-headers", "")
    headers = {
        "access-control-allow-origin": request.headers["origin"],
        "access-control-allow-methods": methods,
        "access-control-max-age": str(PREFLIGHT_SECONDS),
        "vary": "Origin",
    }
    if _HEADER_NAMES.fullmatch(asked):
        headers["access-control-allow-headers"] = asked
    return Response(status_code=204, headers=headers)


class CrossOrigin:
    """Puts the header on answers that were found readable, errors and streams included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "origin" not in Headers(scope=scope):
            await self._app(scope, receive, send)
            return

        async def send_opened(message: Message) -> None:
            origin = scope.get("state", {}).get(_STATE)
            if message["type"] == "http.response.start" and origin is not None:
                headers = MutableHeaders(scope=message)
                headers["access-control-allow-origin"] = origin
                headers["access-control-expose-headers"] = _EXPOSED
                headers.add_vary_header("Origin")
            await send(message)

        await self._app(scope, receive, send_opened)
