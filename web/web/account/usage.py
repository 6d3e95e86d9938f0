"""What one used oneself, and what the assistants one builds cost."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from web.admin.desk import BooksDesk
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/account/usage", include_in_schema=False)
Desk = Annotated[BooksDesk, Depends(BooksDesk)]
VIEWS = ("mine", "assistants")


@router.get("")
async def usage(
    request: Request, visitor: SignedIn, desk: Desk, view: str = "mine", after: str = ""
) -> Response:
    """The last 30 days, and the calls one by one."""
    return await desk.own(request, visitor, view if view in VIEWS else "mine", after)


@router.get("/{entry_id}")
async def call(request: Request, visitor: SignedIn, desk: Desk, entry_id: Id) -> Response:
    """One call of one's own."""
    return await desk.call(request, visitor, entry_id, "mine")
