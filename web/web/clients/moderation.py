"""Keeping the store in order: reports, cases, take-downs, the first shelf."""

from contracts.catalog import ListingCard
from contracts.lists import Page
from contracts.moderation import (
    CaseClose,
    CaseReading,
    CaseState,
    Featured,
    FeaturedWrite,
    LetBack,
    OwnReport,
    OwnReports,
    ReportCase,
    ReportWithdrawn,
    ReportWrite,
    StoreState,
    TakedownAnswer,
    Takedowns,
    TakedownView,
    TakedownWrite,
)
from web.clients.gateway import Gateway

PAGE_SIZE = 20


class Moderation:
    """What readers report, moderators judge, and builders answer."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def own_report(self, token: str, slug: str) -> OwnReport | None:
        """What the visitor has against a listing, while it waits."""
        path = f"/v1/catalog/listings/{slug}/reports"
        found = (await self._gateway.get(OwnReports, token, path)).data
        return found[0] if found else None

    async def report(self, token: str, slug: str, said: ReportWrite) -> OwnReport:
        """Report a listing, or say it otherwise."""
        path = f"/v1/catalog/listings/{slug}/reports"
        return await self._gateway.post(OwnReport, token, path, said)

    async def withdraw(self, token: str, slug: str) -> ReportWithdrawn:
        """Take the report back."""
        path = f"/v1/catalog/listings/{slug}/reports"
        return await self._gateway.delete(ReportWithdrawn, token, path)

    async def state(self, token: str) -> StoreState:
        """How much waits for a judgement."""
        return await self._gateway.get(StoreState, token, "/v1/admin/store")

    async def cases(self, token: str, state: CaseState, after: str) -> Page[ReportCase]:
        """Cases, the latest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc", "state": state.value}
        if after:
            query["after"] = after
        return await self._gateway.get(Page[ReportCase], token, "/v1/admin/reports", query)

    async def case(self, token: str, case_id: str) -> ReportCase:
        """One case with its reports."""
        return await self._gateway.get(ReportCase, token, f"/v1/admin/reports/{case_id}")

    async def read(self, token: str, case_id: str) -> CaseReading:
        """The instructions of what was reported; it is recorded."""
        return await self._gateway.post(CaseReading, token, f"/v1/admin/reports/{case_id}/reading")

    async def close(self, token: str, case_id: str, said: CaseClose) -> ReportCase:
        """Judge a case."""
        path = f"/v1/admin/reports/{case_id}/close"
        return await self._gateway.post(ReportCase, token, path, said)

    async def take_down(self, token: str, assistant_id: str, words: str) -> ReportCase:
        """Take an assistant out of the store."""
        path = f"/v1/admin/listings/{assistant_id}/takedown"
        return await self._gateway.put(ReportCase, token, path, TakedownWrite(words=words))

    async def let_back(self, token: str, assistant_id: str) -> LetBack:
        """Let it back."""
        path = f"/v1/admin/listings/{assistant_id}/takedown"
        return await self._gateway.delete(LetBack, token, path)

    async def takedown(self, token: str, assistant_id: str) -> TakedownView | None:
        """Why an assistant of the workspace is out of the store."""
        path = f"/v1/assistants/{assistant_id}/takedown"
        found = (await self._gateway.get(Takedowns, token, path)).data
        return found[0] if found else None

    async def answer(self, token: str, assistant_id: str, words: str) -> TakedownView:
        """Ask for another look."""
        path = f"/v1/assistants/{assistant_id}/takedown/answer"
        return await self._gateway.put(TakedownView, token, path, TakedownAnswer(words=words))

    async def featured(self, token: str) -> list[ListingCard]:
        """The store's first shelf."""
        return (await self._gateway.get(Featured, token, "/v1/catalog/featured")).data

    async def feature(self, token: str, slugs: list[str]) -> list[ListingCard]:
        """Choose it."""
        path, wanted = "/v1/admin/catalog/featured", FeaturedWrite(slugs=slugs)
        return (await self._gateway.put(Featured, token, path, wanted)).data
