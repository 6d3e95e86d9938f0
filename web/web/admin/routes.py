"""Usage and the ledger, plainly."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from runtime.provide import provided
from web.clients.usage import Usage
from web.pages import Pages
from web.visitors import Administrator

router = APIRouter(prefix="/admin", include_in_schema=False)


@router.get("")
async def first(visitor: Administrator) -> Response:
    """There is one page so far."""
    del visitor  # asked for, because this is theirs alone
    return RedirectResponse("/admin/usage", status_code=303)


@router.get("/usage")
async def usage(
    request: Request,
    visitor: Administrator,
    pages: Annotated[Pages, provided(Pages)],
    books: Annotated[Usage, provided(Usage)],
    after: str = "",
) -> Response:
    """Totals, sums by model, and every single call."""
    return pages.page(
        request,
        "pages/usage.html",
        totals=await books.sums(visitor.token),
        by_model=await books.sums(visitor.token, "model"),
        ledger=await books.ledger(visitor.token, after),
        is_first_page=not after,
    )
