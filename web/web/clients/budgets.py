"""Budgets."""

from contracts.budgets import BudgetCreate, BudgetState, BudgetView
from contracts.lists import Deleted, Page
from web.clients.gateway import Gateway

PAGE_SIZE = 100
_MOST_PAGES = 10
_BUDGETS = "/v1/budgets"


class Budgets:
    """What may be spent in a day or a month, by whom and through what."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def page(self, token: str, after: str = "") -> Page[BudgetView]:
        """Budgets and where they stand, the newest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if after:
            query["after"] = after
        return await self._gateway.get(Page[BudgetView], token, _BUDGETS, query)

    async def near(self, token: str, workspace_id: str = "") -> list[BudgetView]:
        """Those that are near their end or over it; of one workspace, if it is named."""
        found: list[BudgetView] = []
        after = ""
        for _ in range(_MOST_PAGES):
            query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
            query |= {"after": after} if after else {}
            query |= {"workspace_id": workspace_id} if workspace_id else {}
            page = await self._gateway.get(Page[BudgetView], token, _BUDGETS, query)
            found += [each for each in page.data if each.state is not BudgetState.OPEN]
            if not page.has_more or page.last_id is None:
                break
            after = page.last_id
        return found

    async def set(self, token: str, wanted: BudgetCreate) -> BudgetView:
        """A new budget."""
        return await self._gateway.post(BudgetView, token, _BUDGETS, wanted)

    async def end(self, token: str, budget_id: str) -> Deleted:
        """It bounds nothing from now on."""
        return await self._gateway.delete(Deleted, token, f"{_BUDGETS}/{budget_id}")
