"""The audit trail."""

from contracts.audit import AuditRow
from contracts.lists import Page
from web.clients.gateway import Gateway

PAGE_SIZE = 50


class Audit:
    """Acts and refusals, as far as the member may see them."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def page(self, token: str, only: str, after: str = "") -> Page[AuditRow]:
        """The latest first. only: `acts`, `refusals`, or both."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if only in ("acts", "refusals"):
            query["refused"] = "true" if only == "refusals" else "false"
        if after:
            query["after"] = after
        return await self._gateway.get(Page[AuditRow], token, "/v1/admin/audit", query)
