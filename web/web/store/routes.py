"""The home page: for now the published assistants one may ask, and what to do first."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.accounts import Power, SignUpMode
from runtime.provide import provided
from web.clients.accounts import Accounts
from web.clients.assistants import Assistants
from web.pages import Pages
from web.visitors import Anyone

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(
    request: Request,
    visitor: Anyone,
    pages: Annotated[Pages, provided(Pages)],
    accounts: Annotated[Accounts, provided(Accounts)],
    assistants: Annotated[Assistants, provided(Assistants)],
) -> Response:
    """Assistants to talk to; for strangers, the door."""
    if visitor is None:
        installation = await accounts.installation()
        is_open = installation.sign_up is SignUpMode.OPEN
        return pages.page(
            request, "pages/welcome.html", is_claimed=installation.claimed, is_open=is_open
        )
    found = await assistants.page(visitor.token)
    published = [one for one in found.data if one.published_version is not None]
    has_drafts = len(published) < len(found.data)
    here = visitor.member.workspace
    of_others = await assistants.of_others(visitor.token, here.id)
    if here.power is Power.GUEST:
        # A guest asks what was shared with them and sees no drafts: none of it was listed above.
        of_others = await assistants.askable_ones(visitor.token)
    return pages.page(
        request,
        "pages/home.html",
        assistants=published,
        has_drafts=has_drafts,
        of_others=of_others,
    )
