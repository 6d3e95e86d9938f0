"""Links by which people without an account, or of other workspaces, talk to an assistant."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from contracts.doors import LinkCreated
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.account.form_pages import Desk, FormPage
from web.account.key_forms import DAYS
from web.clients.accounts import Accounts
from web.clients.assistants import Assistants
from web.clients.doors import Doors
from web.forms import Form
from web.languages import N_
from web.pages import Pages, go
from web.paths import Id
from web.problems import words_of
from web.studio.link_forms import TypedLink
from web.visitors import SignedIn, Visitor

router = APIRouter(prefix="/studio/{assistant_id}/links", include_in_schema=False)

_OF_THE_FORM = (ErrorKind.INVALID, ErrorKind.CONFLICT)


class LinkGone(StoreError):
    """The assistant has no such link, or not any more."""

    kind = ErrorKind.NOT_FOUND
    code = "link_not_found"


@dataclass(frozen=True)
class Outcome:
    """What came of making a link: the link, or why there is none."""

    status: int = 200
    made: LinkCreated | None = None
    message: str = ""


class LinkDesk:
    """The page on which an assistant's links are made and ended."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        assistants: Annotated[Assistants, provided(Assistants)],
        doors: Annotated[Doors, provided(Doors)],
        accounts: Annotated[Accounts, provided(Accounts)],
    ) -> None:
        self._pages = pages
        self._assistants = assistants
        self._doors = doors
        self._accounts = accounts

    async def make(
        self, request: Request, visitor: Visitor, assistant_id: str, form: Form
    ) -> Outcome:
        """Make a link; a form that is sent again makes no other one."""
        await self._doors.links(visitor.token, assistant_id)  # refusals are kept under no key
        try:
            typed = TypedLink.of(form)
            made = await self._doors.make_link(visitor.token, assistant_id, typed.wanted, typed.key)
        except StoreError as error:
            if error.kind not in _OF_THE_FORM:
                raise
            status = 409 if error.kind is ErrorKind.CONFLICT else 422
            return Outcome(status, message=words_of(self._pages.language(request), error))
        return Outcome(made=made)

    async def show(
        self, request: Request, visitor: Visitor, assistant_id: str, outcome: Outcome
    ) -> Response:
        """The page, with what has come of it."""
        links = await self._doors.links(visitor.token, assistant_id)
        made = outcome.made
        return self._pages.page(
            request,
            "pages/studio_links.html",
            status=outcome.status,
            assistant=await self._assistants.get(visitor.token, assistant_id),
            links=links,
            # Whoever sends the form again after its link was revoked is shown no dead link.
            made=made if made and made.id in [link.id for link in links] else None,
            message=outcome.message,
            days=DAYS,
            admits_guests=(await self._accounts.installation()).admits_guests,
        )

    async def check(self, visitor: Visitor, assistant_id: str, link_id: str) -> None:
        """Raises LinkGone for what is no link of this assistant."""
        if link_id not in [one.id for one in await self._doors.links(visitor.token, assistant_id)]:
            raise LinkGone("There is no such link, or it was revoked.")

    async def revoke(self, visitor: Visitor, assistant_id: str, link_id: str) -> None:
        """From now on the link opens nothing. Raises LinkGone."""
        await self.check(visitor, assistant_id, link_id)
        await self._doors.revoke_link(visitor.token, link_id)


TheDesk = Annotated[LinkDesk, Depends(LinkDesk)]


@router.get("")
async def links(request: Request, visitor: SignedIn, desk: TheDesk, assistant_id: Id) -> Response:
    """What holders of a link can see, the way to make one, and those there are."""
    return await desk.show(request, visitor, assistant_id, Outcome())


@router.post("")
async def make(
    request: Request, visitor: SignedIn, form: Form, desk: TheDesk, assistant_id: Id
) -> Response:
    """Make a link. The answer itself shows it, so that it is kept nowhere on the way."""
    outcome = await desk.make(request, visitor, assistant_id, form)
    return await desk.show(request, visitor, assistant_id, outcome)


@router.get("/{link_id}/revoke")
async def ask_to_revoke(
    request: Request,
    visitor: SignedIn,
    desk: TheDesk,
    form_pages: Desk,
    assistant_id: Id,
    link_id: Id,
) -> Response:
    """Whether it is really meant: a revoked link does not come back."""
    await desk.check(visitor, assistant_id, link_id)
    here = f"/studio/{assistant_id}/links"
    page = FormPage(
        title=N_("Revoke this link?"),
        lead=N_(
            "Whoever came by it is shown out at once, in the middle of an answer too. It cannot be "
            "undone; you can make another."
        ),
        action=f"{here}/{link_id}/revoke",
        submit=N_("Revoke the link"),
        fields=(),
        kind="danger",
        others=((N_("Keep it"), here),),
    )
    return form_pages.show(request, page)


@router.post("/{link_id}/revoke")
async def revoke(
    request: Request, visitor: SignedIn, form: Form, desk: TheDesk, assistant_id: Id, link_id: Id
) -> Response:
    """From now on the link opens nothing."""
    del form  # read for its token
    await desk.revoke(visitor, assistant_id, link_id)
    return go(request, f"/studio/{assistant_id}/links")
