"""Tells the gateway for whom web calls: address, browser and language of the visitor, signed."""

from contextvars import ContextVar

import httpx2
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from runtime.visitor_tokens import HEADER, Visitor, VisitorTokens
from web.cookies import Cookies

_visitor: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


class Forwarding:
    """Remembers who is being served, for the calls that follow from it."""

    def __init__(self, app: ASGIApp, cookies: Cookies) -> None:
        self._app = app
        self._cookies = cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("client") is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        language = self._cookies.language(request) or request.headers.get("accept-language", "")
        visitor = Visitor(scope["client"][0], request.headers.get("user-agent", ""), language)
        serving = _visitor.set(visitor)
        try:
            await self._app(scope, receive, send)
        finally:
            _visitor.reset(serving)


def signs(client: httpx2.AsyncClient, tokens: VisitorTokens) -> None:
    """Every call of this client names its visitor, if there is one."""

    async def name_visitor(request: httpx2.Request) -> None:
        visitor = _visitor.get()
        if visitor is not None:
            request.headers[HEADER] = tokens.sign(visitor)

    client.event_hooks = {"request": [name_visitor]}
