"""Prices and limits."""

from urllib.parse import urlencode

from contracts.limits import LimitPut, LimitRemoved, LimitView
from contracts.lists import Page
from contracts.prices import PriceCreate, PriceView
from web.clients.gateway import Gateway

_PRICES, _LIMITS = "/v1/prices", "/v1/admin/limits"


class Prices:
    """What models cost, and from when on."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def all(self, token: str) -> list[PriceView]:
        """Prices of today, of the past and to come."""
        return (await self._gateway.get(Page[PriceView], token, _PRICES)).data

    async def set(self, token: str, wanted: PriceCreate) -> PriceView:
        """A new price."""
        return await self._gateway.post(PriceView, token, _PRICES, wanted)


class Limits:
    """How much may be asked for in a minute."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def all(self, token: str) -> list[LimitView]:
        """Defaults, then exceptions."""
        return (await self._gateway.get(Page[LimitView], token, _LIMITS)).data

    async def set(self, token: str, wanted: LimitPut) -> LimitView:
        """A default or an exception."""
        return await self._gateway.put(LimitView, token, _LIMITS, wanted)

    async def remove(self, token: str, scope: str, subject: str) -> LimitRemoved:
        """Let the default hold again."""
        about = {"scope": scope, "subject": subject} if subject else {"scope": scope}
        return await self._gateway.delete(LimitRemoved, token, f"{_LIMITS}?{urlencode(about)}")
