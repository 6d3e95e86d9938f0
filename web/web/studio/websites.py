"""An assistant on other web sites: the keys that their pages show, and what goes into a page."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from contracts.accounts import KeyKind
from contracts.assistants import Visibility
from contracts.errors import StoreError
from runtime.provide import provided
from web.account.key_forms import DAYS, NotAccepted, as_refusal
from web.clients.accounts import Accounts
from web.clients.assistants import Assistants
from web.clients.keys import Keys
from web.forms import Form
from web.pages import Pages, go
from web.paths import Id
from web.studio.own_api import KeyPlace
from web.studio.website_forms import TypedSites, on_site
from web.visitors import SignedIn, Visitor

router = APIRouter(prefix="/studio", include_in_schema=False)


class SiteDesk:
    """Makes, shows and revokes the keys of one assistant that stand in web pages."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        keys: Annotated[Keys, provided(Keys)],
        assistants: Annotated[Assistants, provided(Assistants)],
        accounts: Annotated[Accounts, provided(Accounts)],
    ) -> None:
        self._pages = pages
        self._keys = keys
        self._assistants = assistants
        self._accounts = accounts

    async def page(
        self,
        request: Request,
        visitor: Visitor,
        assistant_id: str,
        typed: TypedSites,
        after: str = "",
    ) -> Response:
        """The keys with what goes into a page, and the form of another."""
        assistant = await self._assistants.get(visitor.token, assistant_id)
        keys = await self._keys.page(visitor.token, after, assistant.id, KeyKind.PUBLISHABLE)
        web_url = str(request.base_url).rstrip("/")
        return self._pages.page(
            request,
            "pages/studio_websites.html",
            status=422 if typed.problems else 200,
            assistant=assistant,
            is_private=assistant.visibility is Visibility.PRIVATE,
            admits_guests=(await self._accounts.installation()).admits_guests,
            keys=keys,
            shown=[on_site(key, assistant, web_url) for key in keys.data],
            is_first_page=not after,
            typed=typed,
            days=DAYS,
        )

    async def make(self, visitor: Visitor, assistant_id: str, typed: TypedSites) -> str:
        """Make a key; its id. Raises NotAccepted."""
        wanted = typed.wanted(assistant_id)
        try:
            return (await self._keys.create(visitor.token, wanted)).id
        except StoreError as error:
            raise as_refusal(error) from error

    async def revoke(self, visitor: Visitor, place: KeyPlace) -> str:
        """From now on its pages get no answers, and talks that began there are over. Where to go
        on."""
        assistant = await self._assistants.get(visitor.token, place.assistant_id)
        await self._keys.revoke(visitor.token, place.key_id)
        return f"/studio/{assistant.id}/websites"


Desk = Annotated[SiteDesk, Depends(SiteDesk)]


@router.get("/{assistant_id}/websites")
async def websites(
    request: Request, visitor: SignedIn, desk: Desk, assistant_id: Id, after: str = ""
) -> Response:
    """On which web sites the assistant stands, and how it gets there."""
    return await desk.page(request, visitor, assistant_id, TypedSites(), after)


@router.post("/{assistant_id}/websites")
async def make(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, assistant_id: Id
) -> Response:
    """Make a key. It is no secret: the page shows it whenever it is opened."""
    typed = TypedSites.of(form)
    try:
        key_id = await desk.make(visitor, assistant_id, typed)
    except NotAccepted as error:
        wrong = replace(typed, problems=error.problems)
        return await desk.page(request, visitor, assistant_id, wrong)
    return go(request, f"/studio/{assistant_id}/websites#{key_id}")


@router.post("/{assistant_id}/websites/{key_id}/revoke")
async def revoke(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Desk,
    place: Annotated[KeyPlace, Depends()],
) -> Response:
    """Revoke a key of a web site."""
    del form  # read for its token
    return go(request, await desk.revoke(visitor, place))
