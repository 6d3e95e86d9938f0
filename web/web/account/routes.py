"""Claim, sign in, sign out, the language of the pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import SecretStr, ValidationError
from starlette.responses import RedirectResponse, Response

from contracts.accounts import ClaimAccount, SessionView, SignIn, SignUpMode
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.accounts import Accounts
from web.cookies import Cookies
from web.forms import Form
from web.languages import N_, Languages
from web.pages import Pages, safe_path
from web.problems import field_problems, words_of
from web.visitors import Anyone

router = APIRouter(include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
AccountsHere = Annotated[Accounts, provided(Accounts)]
CookiesHere = Annotated[Cookies, provided(Cookies)]

# What the person can mend on the form itself; anything else is a problem page.
_THEIRS = (
    ErrorKind.UNAUTHENTICATED,
    ErrorKind.INVALID,
    ErrorKind.CONFLICT,
    ErrorKind.FORBIDDEN,
    ErrorKind.RATE_LIMITED,
)


@router.get("/claim")
async def claim_page(request: Request, pages: PagesHere, token: str = "") -> Response:
    """The one-time link of the first start leads here."""
    return _claim_form(request, pages, {"token": token})


@router.post("/claim")
async def claim(
    request: Request, form: Form, pages: PagesHere, accounts: AccountsHere, cookies: CookiesHere
) -> Response:
    """Take the operator's account and sign in."""
    typed = {name: form.text(name) for name in ("token", "email", "name")}
    password = form.secret("password")
    try:
        if password != form.secret("password_again"):
            differs = {"password_again": N_("The two passwords differ.")}
            return _claim_form(request, pages, typed, status=422, problems=differs)
        wanted = ClaimAccount(**typed, password=SecretStr(password))
        session = await accounts.claim(wanted)
    except ValidationError as error:
        return _claim_form(request, pages, typed, status=422, problems=field_problems(error))
    except StoreError as error:
        message = _theirs(request, pages, error)
        return _claim_form(request, pages, typed, status=400, message=message)
    return _signed_in(request, cookies, session, "/studio/new")


@router.get("/login")
async def login_page(
    request: Request,
    visitor: Anyone,
    pages: PagesHere,
    accounts: AccountsHere,
    next: str = "/",  # noqa: A002
) -> Response:
    """The sign-in page."""
    if visitor is not None:
        return RedirectResponse(safe_path(next), status_code=303)
    is_open = (await accounts.installation()).sign_up is SignUpMode.OPEN
    return _login_form(request, pages, {"email": "", "next": safe_path(next)}, is_open=is_open)


@router.post("/login")
async def login(
    request: Request, form: Form, pages: PagesHere, accounts: AccountsHere, cookies: CookiesHere
) -> Response:
    """Open a session and go on to where the visitor wanted to go."""
    typed = {"email": form.text("email"), "next": safe_path(form.text("next") or "/")}
    try:
        wanted = SignIn(email=typed["email"], password=SecretStr(form.secret("password")))
        session = await accounts.sign_in(wanted)
    except ValidationError as error:
        return _login_form(request, pages, typed, status=422, problems=field_problems(error))
    except StoreError as error:
        message = _theirs(request, pages, error)
        return _login_form(request, pages, typed, status=400, message=message)
    return _signed_in(request, cookies, session, typed["next"])


@router.post("/logout")
async def logout(
    request: Request, form: Form, accounts: AccountsHere, cookies: CookiesHere
) -> Response:
    """End the session, here and at the gateway."""
    del form  # read for its token
    token = cookies.session(request)
    if token is not None:
        await _ended(accounts, token)
    response = RedirectResponse("/login", status_code=303)
    cookies.close_session(request, response)
    response.headers["clear-site-data"] = '"cache"'
    return response


@router.post("/language")
async def language(
    request: Request,
    form: Form,
    cookies: CookiesHere,
    languages: Annotated[Languages, provided(Languages)],
) -> Response:
    """Show all pages in another language."""
    response = RedirectResponse(safe_path(form.text("next") or "/"), status_code=303)
    if languages.known(form.text("language")):
        cookies.choose_language(request, response, form.text("language"))
    return response


async def _ended(accounts: Accounts, token: str) -> None:
    try:
        await accounts.sign_out(token)
    except StoreError as error:
        if error.kind is not ErrorKind.UNAUTHENTICATED:  # over already is over too
            raise


def _claim_form(
    request: Request, pages: Pages, typed: dict[str, str], *, status: int = 200, **values: Any
) -> Response:
    filled = {"email": "", "name": "", "token": ""} | typed
    values = {"problems": {}, "message": ""} | values
    return pages.page(request, "pages/claim.html", status=status, typed=filled, **values)


def _login_form(
    request: Request, pages: Pages, typed: dict[str, str], *, status: int = 200, **values: Any
) -> Response:
    values = {"problems": {}, "message": "", "is_open": False} | values
    return pages.page(request, "pages/login.html", status=status, typed=typed, **values)


def _theirs(request: Request, pages: Pages, error: StoreError) -> str:
    if error.kind not in _THEIRS:
        raise error
    return words_of(pages.language(request), error)


def _signed_in(request: Request, cookies: Cookies, session: SessionView, path: str) -> Response:
    response = RedirectResponse(path, status_code=303)
    cookies.open_session(request, response, session.token, session.expires_at)
    return response
