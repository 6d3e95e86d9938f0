"""Usage, the dashboard's figures, and the ledger."""

from collections.abc import Mapping

import httpx2

from contracts.lists import Page
from contracts.stats import Stats
from contracts.usage import LedgerDetail, LedgerRow, LedgerWorkspace, UsageRow
from web.clients.gateway import Gateway

PAGE_SIZE = 50
Narrow = Mapping[str, str]


class Usage:
    """What calls used and cost."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def sums(
        self, token: str, group_by: str = "", narrow: Narrow | None = None
    ) -> list[UsageRow]:
        """Sums over what the member may see, the dearest first; without groups, one a currency."""
        query: dict[str, str | int] = {**(narrow or {})}
        if group_by:
            query["group_by"] = group_by
        return (await self._gateway.get(Page[UsageRow], token, "/v1/usage", query)).data

    async def stats(self, token: str, query: Narrow) -> Stats:
        """The figures of a period, and of the one before."""
        return await self._gateway.get(Stats, token, "/v1/admin/stats", dict(query))

    async def workspaces(self, token: str) -> list[LedgerWorkspace]:
        """Those whose calls the member may look at."""
        path = "/v1/admin/workspaces"
        return (await self._gateway.get(Page[LedgerWorkspace], token, path)).data

    async def ledger(
        self, token: str, after: str = "", narrow: Narrow | None = None
    ) -> Page[LedgerRow]:
        """Single calls, latest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc", **(narrow or {})}
        if after:
            query["after"] = after
        return await self._gateway.get(Page[LedgerRow], token, "/v1/admin/ledger", query)

    async def row(self, token: str, entry_id: str, view: str = "") -> LedgerDetail:
        """One call."""
        query = {"view": view} if view else {}
        path = f"/v1/admin/ledger/{entry_id}"
        return await self._gateway.get(LedgerDetail, token, path, query)

    async def export(self, token: str, path: str, query: Narrow) -> httpx2.Response:
        """A table on its way out, to be read as a stream and closed."""
        return await self._gateway.streamed(token, "GET", path, params=dict(query))
