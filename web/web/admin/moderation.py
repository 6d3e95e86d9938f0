"""The moderators' pages: the queue, one case, and the store's first shelf; for operators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from contracts.moderation import MOST_FEATURED, CaseReading, CaseState
from runtime.provide import provided
from web.admin.moderation_forms import reason_in, shelf_in, verdict_in
from web.clients.moderation import Moderation
from web.forms import Form
from web.pages import Pages, go
from web.paths import Id
from web.report_words import OUTCOMES, REASONS
from web.visitors import Administrator, Visitor

router = APIRouter(prefix="/admin", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
ModerationHere = Annotated[Moderation, provided(Moderation)]


class CaseDesk:
    """Shows cases."""

    def __init__(self, pages: PagesHere, moderation: ModerationHere) -> None:
        self._pages = pages
        self._moderation = moderation

    async def queue(
        self, request: Request, visitor: Visitor, state: CaseState, after: str
    ) -> Response:
        """What waits, or what was judged."""
        return self._pages.page(
            request,
            "pages/reports.html",
            cases=await self._moderation.cases(visitor.token, state, after),
            state=state.value,
            is_first_page=not after,
            **_words(),
        )

    async def case(
        self, request: Request, visitor: Visitor, case_id: str, reading: CaseReading | None = None
    ) -> Response:
        """One of them. reading: its instructions, which were asked for."""
        case = await self._moderation.case(visitor.token, case_id)
        return self._pages.page(
            request, "pages/report_case.html", case=case, reading=reading, **_words()
        )


Desk = Annotated[CaseDesk, Depends(CaseDesk)]


@router.get("/reports")
async def reports(
    request: Request,
    visitor: Administrator,
    desk: Desk,
    state: str = "",
    after: str = "",
) -> Response:
    """Listings that were reported."""
    wanted = CaseState.CLOSED if state == "closed" else CaseState.OPEN
    return await desk.queue(request, visitor, wanted, after)


@router.get("/reports/{case_id}")
async def case(request: Request, visitor: Administrator, desk: Desk, case_id: Id) -> Response:
    """What is said against one listing."""
    return await desk.case(request, visitor, case_id)


@router.post("/reports/{case_id}/read")
async def read(
    request: Request,
    visitor: Administrator,
    form: Form,
    desk: Desk,
    moderation: ModerationHere,
    case_id: Id,
) -> Response:
    """The case with the assistant's instructions, which is recorded: never by a mere link."""
    del form  # read for its token
    reading = await moderation.read(visitor.token, case_id)
    return await desk.case(request, visitor, case_id, reading)


@router.post("/reports/{case_id}/close")
async def close(
    request: Request, visitor: Administrator, form: Form, moderation: ModerationHere, case_id: Id
) -> Response:
    """Judge it."""
    await moderation.close(visitor.token, case_id, verdict_in(form))
    return go(request, f"/admin/reports/{case_id}")


@router.post("/listings/{slug}/takedown")
async def take_down(
    request: Request,
    visitor: Administrator,
    form: Form,
    moderation: ModerationHere,
    slug: Id,
) -> Response:
    """Take a listing out of the store that nobody has reported."""
    found = await moderation.take_down(visitor.token, slug, reason_in(form))
    return go(request, f"/admin/reports/{found.id}")


@router.post("/listings/{slug}/let-back")
async def let_back(
    request: Request,
    visitor: Administrator,
    form: Form,
    moderation: ModerationHere,
    slug: Id,
) -> Response:
    """Let it back into the store."""
    case_id = form.id("case")
    await moderation.let_back(visitor.token, slug)
    return go(request, f"/admin/reports/{case_id}" if case_id else "/admin/reports?state=closed")


@router.get("/store")
async def featured(
    request: Request, visitor: Administrator, pages: PagesHere, moderation: ModerationHere
) -> Response:
    """What stands on the store's first shelf."""
    await moderation.state(visitor.token)  # for operators, who alone may change it
    listings = await moderation.featured(visitor.token)
    return pages.page(request, "pages/featured.html", listings=listings, most=MOST_FEATURED)


@router.post("/store")
async def feature(
    request: Request, visitor: Administrator, form: Form, moderation: ModerationHere
) -> Response:
    """Put one there, take one away, or move one."""
    await moderation.feature(visitor.token, shelf_in(form))
    return go(request, "/admin/store")


def _words() -> dict[str, Any]:
    return {"reasons": dict(REASONS), "outcomes": OUTCOMES}
