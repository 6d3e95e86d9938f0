"""The audit trail, plainly."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from runtime.provide import provided
from web.admin.acts import words_of_act, words_of_verdict
from web.clients.audit import Audit
from web.pages import Pages
from web.visitors import Administrator

router = APIRouter(prefix="/admin", include_in_schema=False)


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
