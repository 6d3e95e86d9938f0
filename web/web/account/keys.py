"""The own account with its API keys: listed, made with a secret shown once, revoked."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from runtime.provide import provided
from web.account.key_forms import TypedKey
from web.account.key_ring import Ring
from web.clients.keys import Keys
from web.forms import Form
from web.pages import go, is_htmx
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/account", include_in_schema=False)
_KEYS = "/account#keys"


@router.get("")
async def account(request: Request, visitor: SignedIn, ring: Ring, after: str = "") -> Response:
    """Who one is here, what one used, and one's keys."""
    return await ring.page(request, visitor, after)


@router.get("/keys")
async def after_making() -> Response:
    """Where the browser stands after making a key; asked for again, it shows no secret."""
    return RedirectResponse(_KEYS, status_code=303)


@router.post("/keys")
async def make(request: Request, visitor: SignedIn, form: Form, ring: Ring) -> Response:
    """Make a key. The answer itself shows the secret, so that it is kept nowhere on the way."""
    return await ring.make(request, visitor, TypedKey.of(form))


@router.post("/keys/{key_id}/revoke")
async def revoke(
    request: Request,
    visitor: SignedIn,
    form: Form,
    ring: Ring,
    keys: Annotated[Keys, provided(Keys)],
    key_id: Id,
) -> Response:
    """From now on the key opens nothing."""
    await keys.revoke(visitor.token, key_id)
    if is_htmx(request):
        gone = key_id if form.id("shown") == key_id else ""
        return await ring.without(request, visitor, gone)
    return go(request, _KEYS)
