"""From where somebody comes: address, device and language, for sessions, limits and letters.

Web calls for its visitors, and says so with a signed header; nobody else's word counts.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from runtime.visitor_tokens import VISITOR, VisitorTokens

_STATE = "visitor"
_NOWHERE = "0.0.0.0"  # noqa: S104 - nothing listens: no client # nosec B104


@dataclass(frozen=True)
class Visit:
    """address: of the client, as far as it can be trusted. agent: what its browser calls itself."""

    address: str
    agent: str
    language: str


class Visitors:
    """Puts the visitor's address in the place of web's, when web vouches for it."""

    def __init__(self, app: ASGIApp, tokens: VisitorTokens) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = next((value for name, value in scope["headers"] if name == VISITOR), None)
            visitor = None if given is None else self._tokens.read(given.decode("latin-1"))
            if visitor is not None:
                scope["client"] = (visitor.address, 0)
                scope.setdefault("state", {})[_STATE] = visitor
        await self._app(scope, receive, send)


def _visit(request: Request) -> Visit:
    visitor = getattr(request.state, _STATE, None)
    if visitor is not None:
        return Visit(visitor.address, visitor.agent, visitor.language)
    return Visit(
        address=_NOWHERE if request.client is None else request.client.host,
        agent=request.headers.get("user-agent", ""),
        language=request.headers.get("accept-language", ""),
    )


Visiting = Annotated[Visit, Depends(_visit)]
