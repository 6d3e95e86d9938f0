"""Whose address a request has: the socket's, unless a proxy that the settings name says more.

The server's own handling of such headers is switched off: it believes whoever is on this machine.
"""

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from runtime.networks import Network

_SCHEMES = frozenset({"http", "https"})


class ClientAddress:
    """Takes address and scheme from a trusted proxy's headers; from nobody else's."""

    def __init__(self, app: ASGIApp, proxies: Sequence[Network]) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_proxy(_peer(scope)):
            headers = Headers(scope=scope)
            found = self._nearest_stranger(headers.getlist("x-forwarded-for"))
            if found is not None:
                scope["client"] = (found, 0)
            scheme = headers.get("x-forwarded-proto", "").strip().lower()
            if scheme in _SCHEMES:
                scope["scheme"] = scheme
        await self._app(scope, receive, send)

    def _nearest_stranger(self, lines: Sequence[str]) -> str | None:
        """From the right: what our own proxies added is true, what stands before it is a claim."""
        named = [part.strip() for line in lines for part in line.split(",")]
        for name in reversed(named):
            if not _is_address(name):
                return None
            if not self._is_proxy(name):
                return name
        return None

    def _is_proxy(self, address: str | None) -> bool:
        if address is None or not self._proxies or not _is_address(address):
            return False
        found = ipaddress.ip_address(address)
        return any(found in network for network in self._proxies)


def _peer(scope: Scope) -> str | None:
    client = scope.get("client")
    return None if client is None else str(client[0])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
