"""A conversation shown to others: links made, listed and revoked, and the page they lead to."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.shares import ShareCreated
from runtime.provide import provided
from web.account.form_pages import Desk, FormPage
from web.chat.answers import shown_shared
from web.clients.accounts import Accounts
from web.clients.conversations import Conversations
from web.clients.shares import Shares
from web.forms import TOKEN_FIELD, Form
from web.languages import N_
from web.pages import Pages, go
from web.paths import Id
from web.problems import words_of
from web.visitors import Anyone, SignedIn, Visitor

router = APIRouter(include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
SharesHere = Annotated[Shares, provided(Shares)]

HEADERS = {
    "x-robots-tag": "noindex, nofollow",
    # Never the address, which is the secret, not even to ourselves. With no-referrer browsers
    # would send the forms of this page without an origin, and over plain HTTP they were refused.
    "referrer-policy": "strict-origin",
}
_MOST_DIGITS = 4


class LinkGone(StoreError):
    """The conversation has no such link, or none any more."""

    kind = ErrorKind.NOT_FOUND
    code = "share_not_found"


@dataclass(frozen=True)
class Outcome:
    """What came of making a link: the link, or why there is none."""

    status: int = 200
    made: ShareCreated | None = None
    message: str = ""


class ShareDesk:
    """The page on which a conversation's links are made and ended."""

    def __init__(
        self,
        pages: PagesHere,
        shares: SharesHere,
        chats: Annotated[Conversations, provided(Conversations)],
        accounts: Annotated[Accounts, provided(Accounts)],
    ) -> None:
        self._pages = pages
        self._shares = shares
        self._chats = chats
        self._accounts = accounts

    async def make(
        self, request: Request, visitor: Visitor, conversation_id: str, key: str
    ) -> Outcome:
        """Make a link; a form that is sent again makes no other one."""
        await self._chats.get(visitor.token, conversation_id)  # refusals are kept under no key
        try:
            made = await self._shares.make(visitor.token, conversation_id, key)
        except StoreError as error:
            if error.kind is not ErrorKind.CONFLICT:
                raise
            return Outcome(409, message=words_of(self._pages.language(request), error))
        return Outcome(made=made)

    async def show(
        self, request: Request, visitor: Visitor, conversation_id: str, outcome: Outcome
    ) -> Response:
        """The page, with what has come of it."""
        links = await self._shares.of(visitor.token, conversation_id)
        made = outcome.made
        return self._pages.page(
            request,
            "pages/shares.html",
            status=outcome.status,
            conversation=await self._chats.get(visitor.token, conversation_id),
            links=links,
            # Whoever sends the form again after its link was revoked is shown no dead link.
            made=made if made and made.id in [link.id for link in links] else None,
            message=outcome.message,
            is_for_anyone=(await self._accounts.installation()).shares_with_anyone,
        )


TheDesk = Annotated[ShareDesk, Depends(ShareDesk)]


@router.get("/chat/{conversation_id}/shares")
async def links(
    request: Request, visitor: SignedIn, desk: TheDesk, conversation_id: Id
) -> Response:
    """What a link shows, the way to make one, and those there are."""
    return await desk.show(request, visitor, conversation_id, Outcome())


@router.post("/chat/{conversation_id}/shares")
async def make(
    request: Request, visitor: SignedIn, form: Form, desk: TheDesk, conversation_id: Id
) -> Response:
    """Make a link. The answer itself shows it, so that it is kept nowhere on the way."""
    key = hashlib.sha256(form.text(TOKEN_FIELD).encode()).hexdigest()
    outcome = await desk.make(request, visitor, conversation_id, key)
    return await desk.show(request, visitor, conversation_id, outcome)


@router.get("/chat/{conversation_id}/shares/{share_id}/revoke")
async def ask_to_revoke(
    request: Request,
    visitor: SignedIn,
    desk: Desk,
    shares: SharesHere,
    conversation_id: Id,
    share_id: Id,
) -> Response:
    """Whether it is really meant: a revoked link does not come back."""
    if share_id not in [link.id for link in await shares.of(visitor.token, conversation_id)]:
        raise LinkGone("There is no such link, or it was revoked.")
    here = f"/chat/{conversation_id}/shares"
    page = FormPage(
        title=N_("Revoke this link?"),
        lead=N_("Whoever has it sees nothing any more. It cannot be undone; you can make another."),
        action=f"{here}/{share_id}/revoke",
        submit=N_("Revoke the link"),
        fields=(),
        kind="danger",
        others=((N_("Keep it"), here),),
    )
    return desk.show(request, page)


@router.post("/chat/{conversation_id}/shares/{share_id}/revoke")
async def revoke(
    request: Request,
    visitor: SignedIn,
    form: Form,
    shares: SharesHere,
    conversation_id: Id,
    share_id: Id,
) -> Response:
    """From now on the link opens nothing."""
    del form  # read for its token
    await shares.revoke(visitor.token, share_id)
    return go(request, f"/chat/{conversation_id}/shares")


class Position(BaseModel):
    """After which message one reads on, as the address says it."""

    after: str = ""

    def number(self) -> int:
        """Nought for what is no position."""
        is_number = self.after.isascii() and self.after.isdecimal()
        return int(self.after) if is_number and len(self.after) <= _MOST_DIGITS else 0


@router.get("/shared/{token}")
async def shared(
    request: Request,
    visitor: Anyone,
    pages: PagesHere,
    shares: SharesHere,
    token: Id,
    position: Annotated[Position, Query()],
) -> Response:
    """What a link shows."""
    session = None if visitor is None else visitor.token
    found = await shares.open(session, token, position.number())
    response = pages.page(
        request,
        "pages/shared.html",
        shared=found,
        answers=await shown_shared(found.messages.data),
        on=f"/shared/{token}",
    )
    response.headers.update(HEADERS)
    return response
