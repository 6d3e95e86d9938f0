"""Keyboard shortcuts: listed, and switched off for whoever is hindered by single keys."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from runtime.provide import provided
from web.cookies import Cookies
from web.forms import Form
from web.pages import Pages, go
from web.visitors import SignedIn

router = APIRouter(prefix="/shortcuts", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]


@router.get("")
async def listed(request: Request, visitor: SignedIn, pages: PagesHere) -> Response:
    """All there are, and whether they are on."""
    del visitor  # looked up so that the page greets its reader
    return pages.page(request, "pages/shortcuts.html")


@router.post("")
async def switch(
    request: Request, form: Form, cookies: Annotated[Cookies, provided(Cookies)]
) -> Response:
    """Switch single keys on or off in this browser."""
    response = go(request, "/shortcuts")
    cookies.choose_keys(request, response, are_on=form.text("keys") == "on")
    return response
