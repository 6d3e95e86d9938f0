"""Usage and the ledger."""

from contracts.lists import Page
from contracts.usage import LedgerRow, UsageRow
from web.clients.gateway import Gateway

PAGE_SIZE = 50


class Usage:
    """What calls used and cost."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def sums(self, token: str, group_by: str = "") -> list[UsageRow]:
        """Sums over all that the member may see; without groups, one row a currency."""
        query: dict[str, str | int] = {"limit": 100}
        if group_by:
            query["group_by"] = group_by
        return (await self._gateway.get(Page[UsageRow], token, "/v1/usage", query)).data

    async def ledger(self, token: str, after: str = "") -> Page[LedgerRow]:
        """Single calls, latest first. For administrators."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if after:
            query["after"] = after
        return await self._gateway.get(Page[LedgerRow], token, "/v1/admin/ledger", query)
