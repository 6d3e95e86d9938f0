"""The page between an answer's link and the site it leads to."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.pages import Pages
from web.targets import LONGEST_ADDRESS, target_of
from web.visitors import Anyone

router = APIRouter(include_in_schema=False)


class AddressRefused(StoreError):
    """The address is not plainly that of a web site."""

    kind = ErrorKind.INVALID
    code = "address_refused"


@router.get("/leave")
async def leave(
    request: Request,
    visitor: Anyone,
    pages: Annotated[Pages, provided(Pages)],
    to: Annotated[str, Query(max_length=LONGEST_ADDRESS)],
) -> Response:
    """Where a link leads, in full. Only a click on this page goes there."""
    del visitor  # looked up so that the page greets its reader
    target = target_of(to)
    if target is None:
        raise AddressRefused("This is not the address of a web site.")
    return pages.page(request, "pages/leave.html", target=target)
