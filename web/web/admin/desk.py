"""Gathers what the pages about money show."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from contracts.budgets import BudgetView
from contracts.stats import Forecast
from contracts.usage import LedgerWorkspace
from runtime.provide import provided
from web.admin.budgets import percent_used
from web.admin.cost_charts import charts_of
from web.admin.filters import OF_SUMS, Filters
from web.charts.columns import spark
from web.clients.budgets import Budgets
from web.clients.moderation import Moderation
from web.clients.running import Running
from web.clients.usage import Usage
from web.cookies import Cookies
from web.pages import Pages
from web.reader_zone import zone_of
from web.visitors import Visitor


class BooksDesk:
    """Shows the books to whoever may see them."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        cookies: Annotated[Cookies, provided(Cookies)],
        usage: Annotated[Usage, provided(Usage)],
        budgets: Annotated[Budgets, provided(Budgets)],
        running: Annotated[Running, provided(Running)],
        moderation: Annotated[Moderation, provided(Moderation)],
    ) -> None:
        self._pages = pages
        self._cookies = cookies
        self._usage = usage
        self._budgets = budgets
        self._running = running
        self._moderation = moderation

    async def overview(
        self, request: Request, visitor: Visitor, period: str, workspace: str
    ) -> Response:
        """Tiles, what needs to be looked into, and the budgets that are nearly used up."""
        token, zone = visitor.token, zone_of(request, self._cookies)
        is_operator = visitor.member.is_operator
        of_one = {"workspace": workspace} if is_operator and workspace else {}
        stats, near, workspaces, alarm, waiting = await asyncio.gather(
            self._usage.stats(token, {"period": period, "zone": zone.key} | of_one),
            self._budgets.near(token, of_one.get("workspace", "")),
            self._workspaces(visitor),
            self._running.alarm(token) if is_operator else _none(),
            self._moderation.state(token) if is_operator else _none(),
        )
        return self._pages.page(
            request,
            "pages/overview.html",
            stats=stats,
            period=period,
            workspace=of_one.get("workspace", ""),
            workspaces=workspaces,
            workspace_names={each.id: each.name for each in workspaces},
            reconciliation=alarm,
            waiting=waiting,
            budgets=sorted(((each, percent_used(each)) for each in near), key=_fullest),
            zone=zone,
            spark=spark,
        )

    async def cost(self, request: Request, visitor: Visitor, now: datetime) -> Response:
        """One chart, and the table behind it."""
        zone = zone_of(request, self._cookies)
        filters = Filters.read(request.query_params, zone, now).without_what_sums_lack()
        filters = filters if visitor.member.is_operator else filters.without("workspace")
        token, asked = visitor.token, filters.asked(OF_SUMS)
        rows = await self._usage.sums(token, filters.by, asked)
        totals = await self._usage.sums(token, "", asked)
        forecast = await self._forecast(token, filters)
        workspaces = await self._workspaces(visitor)
        return self._pages.page(
            request,
            "pages/cost.html",
            filters=filters,
            charts=charts_of(rows, filters, now, forecast),
            totals=totals,
            forecast=forecast,
            workspaces=workspaces,
            names=await self._names(token, filters, workspaces),
            export=filters.query(),
        )

    async def ledger(
        self, request: Request, visitor: Visitor, now: datetime, after: str
    ) -> Response:
        """Rows, fifty at a time."""
        zone = zone_of(request, self._cookies)
        filters = Filters.read(request.query_params, zone, now, "all")
        filters = filters if visitor.member.is_operator else filters.without("workspace")
        workspaces = await self._workspaces(visitor)
        rows = await self._usage.ledger(visitor.token, after, filters.asked())
        return self._pages.page(
            request,
            "pages/ledger.html",
            filters=filters,
            ledger=rows,
            zone=zone,
            is_first_page=not after,
            workspaces=workspaces,
            names=await self._names(visitor.token, filters, workspaces),
            export=filters.query(by=""),
        )

    async def call(
        self, request: Request, visitor: Visitor, entry_id: str, view: str = ""
    ) -> Response:
        """One row."""
        row = await self._usage.row(visitor.token, entry_id, view)
        zone = zone_of(request, self._cookies)
        return self._pages.page(request, "pages/ledger_row.html", row=row, zone=zone)

    async def own(self, request: Request, visitor: Visitor, view: str, after: str) -> Response:
        """What somebody used, or what the assistants they build cost."""
        zone, token = zone_of(request, self._cookies), visitor.token
        asked = {"view": view, "zone": zone.key}
        stats = await self._usage.stats(token, asked | {"period": "30d"})
        since = asked | {"from": str(stats.start)}
        return self._pages.page(
            request,
            "pages/own_usage.html",
            view=view,
            stats=stats,
            by_assistant=await self._usage.sums(token, "assistant", since),
            ledger=await self._usage.ledger(token, after, {"view": view}),
            is_first_page=not after,
            zone=zone,
            spark=spark,
        )

    async def _workspaces(self, visitor: Visitor) -> list[LedgerWorkspace]:
        """What an operator may choose from; there is no choice for anybody else."""
        if not visitor.member.is_operator:
            return []
        return await self._usage.workspaces(visitor.token)

    async def _forecast(self, token: str, filters: Filters) -> list[Forecast]:
        """Of the whole books, or of a workspace: parts of them have none."""
        if not filters.is_of_everything:
            return []
        asked = {"period": "now", "zone": filters.zone.key} | dict(filters.narrow)
        return (await self._usage.stats(token, asked)).forecast

    async def _names(
        self, token: str, filters: Filters, workspaces: Sequence[LedgerWorkspace]
    ) -> dict[str, str]:
        """What the chips say for the ids in the address."""
        names = {}
        if chosen := filters.narrow.get("workspace"):
            known = {each.id: each.name for each in workspaces}
            names["workspace"] = known.get(chosen, chosen)
        for name in ("member", "assistant", "key"):
            value = filters.narrow.get(name)
            if value is None or value == "none":
                continue
            [*rows] = await self._usage.sums(token, name, {name: value})
            found = getattr(rows[0], f"{name}_name") if rows else None
            names[name] = found or value
        return names


async def _none() -> None:
    """Nothing to be looked into, for those who may not."""


def _fullest(pair: tuple[BudgetView, int]) -> int:
    return -pair[1]
