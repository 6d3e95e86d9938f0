"""The reader's time zone: chosen on its own page, kept in a cookie, UTC until then."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from runtime.provide import provided
from web.cookies import Cookies
from web.forms import Form
from web.pages import Pages, safe_path
from web.reader_zone import KNOWN, UTC, zone_of
from web.visitors import SignedIn

router = APIRouter(include_in_schema=False)
CHOICES = [UTC, *sorted(name for name in KNOWN if "/" in name and not name.startswith("Etc/"))]


@router.get("/zone")
async def choose(
    request: Request,
    visitor: SignedIn,
    pages: Annotated[Pages, provided(Pages)],
    cookies: Annotated[Cookies, provided(Cookies)],
    then: str = "/",
) -> Response:
    """All zones there are."""
    del visitor  # looked up so that the page greets its reader
    chosen = zone_of(request, cookies).key
    return pages.page(
        request, "pages/zone.html", zones=CHOICES, chosen=chosen, then=safe_path(then)
    )


@router.post("/zone")
async def keep(
    request: Request, form: Form, cookies: Annotated[Cookies, provided(Cookies)]
) -> Response:
    """Show all days and times in another zone."""
    response = RedirectResponse(safe_path(form.text("then") or "/"), status_code=303)
    zone = form.text("zone")
    if zone in KNOWN:
        cookies.choose_zone(request, response, zone)
    return response
