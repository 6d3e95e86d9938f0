"""Overview, cost and ledger: every number leads to what it is made of."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from web.admin.desk import BooksDesk
from web.paths import Id
from web.visitors import Administrator

router = APIRouter(prefix="/admin", include_in_schema=False)
Desk = Annotated[BooksDesk, Depends(BooksDesk)]
OVERVIEWS = ("now", "today", "30d")


@router.get("")
async def overview(
    request: Request,
    visitor: Administrator,
    desk: Desk,
    period: str = "today",
    workspace: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The figures of now, today or 30 days, each beside those of the period before."""
    shown = period if period in OVERVIEWS else "today"
    return await desk.overview(request, visitor, shown, workspace)


@router.get("/cost")
async def cost(request: Request, visitor: Administrator, desk: Desk) -> Response:
    """Cost by day, member, assistant, model or key."""
    return await desk.cost(request, visitor, datetime.now(UTC))


@router.get("/usage")
async def former(visitor: Administrator) -> Response:
    """Where the books stood before there were several pages of them."""
    del visitor  # asked for, because this is theirs alone
    return RedirectResponse("/admin/ledger", status_code=303)


@router.get("/ledger")
async def ledger(request: Request, visitor: Administrator, desk: Desk, after: str = "") -> Response:
    """Single calls."""
    return await desk.ledger(request, visitor, datetime.now(UTC), after)


@router.get("/ledger/{entry_id}")
async def call(request: Request, visitor: Administrator, desk: Desk, entry_id: Id) -> Response:
    """One call, with its prices and when its conversation was. Never what was said."""
    return await desk.call(request, visitor, entry_id)
