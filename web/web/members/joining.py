"""The page an invite leads to: sign up, or accept with the account that is there."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import SecretStr, ValidationError
from starlette.responses import RedirectResponse, Response

from contracts.accounts import SessionView
from contracts.credentials import SignUp
from contracts.errors import ErrorKind, StoreError
from contracts.invites import InviteOffer
from runtime.provide import provided
from web.clients.members import Members
from web.cookies import Cookies
from web.forms import Form
from web.languages import N_
from web.pages import Pages
from web.problems import field_problems, words_of
from web.visitors import Anyone, SignedIn, Visitor

router = APIRouter(include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
MembersHere = Annotated[Members, provided(Members)]
CookiesHere = Annotated[Cookies, provided(Cookies)]

# What the person can do something about on the page itself.
_THEIRS = (
    ErrorKind.INVALID,
    ErrorKind.FORBIDDEN,
    ErrorKind.CONFLICT,
    ErrorKind.UNAUTHENTICATED,
    ErrorKind.RATE_LIMITED,
)


@router.get("/join")
async def join_page(
    request: Request, visitor: Anyone, pages: PagesHere, members: MembersHere, invite: str = ""
) -> Response:
    """What the invite offers, and the way in."""
    return await _shown(request, pages, members, visitor, invite)


@router.post("/join")
async def sign_up(
    request: Request, form: Form, pages: PagesHere, members: MembersHere, cookies: CookiesHere
) -> Response:
    """Make the invited person's account and sign them in."""
    invite, password = form.text("invite"), form.secret("password")
    typed = {"name": form.text("name")}
    try:
        if password != form.secret("password_again"):
            problems = {"password_again": N_("The two passwords differ.")}
            return await _shown(
                request, pages, members, None, invite, status=422, typed=typed, problems=problems
            )
        offer = await members.look(invite)
        account = SignUp(
            email=offer.email, name=typed["name"], password=SecretStr(password), invite=invite
        )
        session = await members.sign_up(account)
    except ValidationError as error:
        problems = field_problems(error)
        return await _shown(
            request, pages, members, None, invite, status=422, typed=typed, problems=problems
        )
    except StoreError as error:
        return await _refused(request, pages, members, None, invite, error)
    return _signed_in(request, cookies, session)


@router.post("/join/accept")
async def accept(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    members: MembersHere,
    cookies: CookiesHere,
) -> Response:
    """Join with the account that is signed in; the browser works in the new workspace then."""
    invite = form.text("invite")
    try:
        session = await members.accept(visitor.token, invite)
    except StoreError as error:
        return await _refused(request, pages, members, visitor, invite, error)
    return _signed_in(request, cookies, session)


@router.post("/join/sign-in")
async def accept_with_password(
    request: Request, form: Form, pages: PagesHere, members: MembersHere, cookies: CookiesHere
) -> Response:
    """Join with an account that is there and not signed in."""
    invite = form.text("invite")
    try:
        session = await members.accept_with_password(invite, form.secret("password"))
    except StoreError as error:
        return await _refused(request, pages, members, None, invite, error)
    return _signed_in(request, cookies, session)


async def _refused(
    request: Request,
    pages: Pages,
    members: Members,
    visitor: Visitor | None,
    invite: str,
    error: StoreError,
) -> Response:
    if error.kind not in _THEIRS:
        raise error
    message = words_of(pages.language(request), error)
    return await _shown(request, pages, members, visitor, invite, status=400, message=message)


async def _shown(
    request: Request,
    pages: Pages,
    members: Members,
    visitor: Visitor | None,
    invite: str,
    *,
    status: int = 200,
    **values: Any,
) -> Response:
    shown = {"typed": {"name": ""}, "problems": {}, "message": ""} | values
    offer: InviteOffer | None = None
    try:
        offer = await members.look(invite)
    except StoreError as error:
        if error.kind is not ErrorKind.FORBIDDEN:
            raise
        status = status if status >= 400 else 403
    return pages.page(
        request,
        "pages/join.html",
        status=status,
        offer=offer,
        invite=invite,
        is_theirs=_is_theirs(visitor, offer),
        visitor_email="" if visitor is None else visitor.member.email,
        **shown,
    )


def _is_theirs(visitor: Visitor | None, offer: InviteOffer | None) -> bool:
    return visitor is not None and offer is not None and visitor.member.email == offer.email


def _signed_in(request: Request, cookies: Cookies, session: SessionView) -> Response:
    response = RedirectResponse("/", status_code=303)
    cookies.open_session(request, response, session.token, session.expires_at)
    return response
