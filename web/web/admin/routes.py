"""Usage, the ledger and the audit trail, plainly."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from runtime.provide import provided
from web.admin.acts import words_of_act, words_of_verdict
from web.clients.audit import Audit
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


@router.get("/audit")
async def audit(
    request: Request,
    visitor: Administrator,
    pages: Annotated[Pages, provided(Pages)],
    trail: Annotated[Audit, provided(Audit)],
    only: str = "",
    after: str = "",
) -> Response:
    """What was done and what was refused, the latest first."""
    language, shown = pages.language(request), only if only in ("acts", "refusals") else ""
    record = await trail.page(visitor.token, shown, after)
    return pages.page(
        request,
        "pages/audit.html",
        record=record,
        acts={row.id: words_of_act(language, row.action) for row in record.data},
        verdicts={row.id: words_of_verdict(language, row.verdict) for row in record.data},
        only=shown,
        is_first_page=not after,
    )
