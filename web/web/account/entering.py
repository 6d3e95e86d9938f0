"""Doors for those who have no session yet: signing up, a lost password, a letter's link."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from contracts.accounts import SessionView, SignIn
from contracts.credentials import PasswordReset, ResetRequest, SignUp
from contracts.errors import StoreError
from runtime.provide import provided
from web.account.form_pages import AGAIN, EMAIL, NAME, NEW_PASSWORD, Desk, FormPage
from web.clients.accounts import Accounts
from web.cookies import Cookies
from web.forms import Form, Submitted
from web.languages import N_
from web.pages import Pages
from web.visitors import SignInNeeded

router = APIRouter(include_in_schema=False)
AccountsHere = Annotated[Accounts, provided(Accounts)]
CookiesHere = Annotated[Cookies, provided(Cookies)]
PagesHere = Annotated[Pages, provided(Pages)]

_SIGN_IN = (N_("Sign in"), "/login")
SIGN_UP = FormPage(
    N_("Make an account"),
    N_("You get a workspace of your own."),
    "/signup",
    N_("Make the account"),
    (NAME, EMAIL, NEW_PASSWORD, AGAIN),
    others=((N_("I have an account"), "/login"),),
)
FORGOT = FormPage(
    N_("Choose a new password"),
    N_("If this address has an account here, a letter with a link goes to it."),
    "/forgot",
    N_("Send the link"),
    (EMAIL,),
    others=(_SIGN_IN,),
)
RESET = FormPage(
    N_("Choose a new password"),
    N_("You are signed out everywhere then. API keys go on working."),
    "/reset",
    N_("Set the password"),
    (NEW_PASSWORD, AGAIN),
    hidden=("token",),
    others=((N_("Send another link"), "/forgot"),),
)
CONFIRM = FormPage(
    N_("Confirm your address"),
    N_("One press, and the address of the letter is yours here."),
    "/confirm",
    N_("Confirm"),
    (),
    hidden=("token",),
    others=(_SIGN_IN,),
)


@router.get("/signup")
async def sign_up_page(request: Request, desk: Desk) -> Response:
    """Make an account without an invite."""
    return desk.show(request, SIGN_UP)


@router.post("/signup")
async def sign_up(
    request: Request, form: Form, desk: Desk, accounts: AccountsHere, cookies: CookiesHere
) -> Response:
    """Make it. Where letters are sent, the letter's link comes next; else one is signed in."""
    typed = {name: form.text(name) for name in ("name", "email")}
    password = SecretStr(form.secret("password"))
    if not _is_repeated(form):
        return desk.differing(request, SIGN_UP, typed)

    async def make() -> str:
        return (await accounts.sign_up(SignUp(**typed, password=password))).next

    after = await desk.attempt(request, SIGN_UP, typed, make)
    if isinstance(after, Response):
        return after
    if after == "read_mail":
        lead = N_("If everything is right, a letter is on its way to you. Open its link.")
        return desk.done(request, N_("Look into your mail"), lead, _SIGN_IN)
    try:
        session = await accounts.sign_in(SignIn(email=typed["email"], password=password))
    except StoreError:  # the address had an account, whose owner gets a letter
        return RedirectResponse("/login", status_code=303)
    return _entered(request, cookies, session, "/")


@router.get("/forgot")
async def forgot_page(request: Request, desk: Desk) -> Response:
    """A lost password."""
    return desk.show(request, FORGOT)


@router.post("/forgot")
async def forgot(request: Request, form: Form, desk: Desk, accounts: AccountsHere) -> Response:
    """Have the link sent. The page says the same whoever asks."""
    typed = {"email": form.text("email")}

    async def ask() -> None:
        await accounts.ask_for_reset(ResetRequest(**typed))

    answer = await desk.attempt(request, FORGOT, typed, ask)
    if isinstance(answer, Response):
        return answer
    lead = N_("If this address has an account here, a letter is on its way. Open its link.")
    return desk.done(request, N_("Look into your mail"), lead, _SIGN_IN)


@router.get("/reset")
async def reset_page(request: Request, desk: Desk, token: str = "") -> Response:
    """Where the letter's link leads."""
    return desk.show(request, RESET, {"token": token})


@router.post("/reset")
async def reset(
    request: Request, form: Form, desk: Desk, accounts: AccountsHere, cookies: CookiesHere
) -> Response:
    """Set the password; sign in with it next."""
    typed = {"token": form.text("token")}
    if not _is_repeated(form):
        return desk.differing(request, RESET, typed)

    async def set_it() -> None:
        await accounts.reset(PasswordReset(**typed, password=SecretStr(form.secret("password"))))

    answer = await desk.attempt(request, RESET, typed, set_it)
    if isinstance(answer, Response):
        return answer
    lead = N_("Sign in with the new password.")
    response = desk.done(request, N_("Your password is set"), lead, _SIGN_IN)
    cookies.close_session(request, response)
    return response


@router.get("/confirm")
async def confirm_page(request: Request, desk: Desk, token: str = "") -> Response:
    """Where the letter's link leads. Programs that look into letters open it too, so it asks."""
    return desk.show(request, CONFIRM, {"token": token})


@router.post("/confirm")
async def confirm(request: Request, form: Form, desk: Desk, accounts: AccountsHere) -> Response:
    """Confirm the address."""
    typed = {"token": form.text("token")}

    async def say_so() -> None:
        await accounts.confirm(typed["token"])

    answer = await desk.attempt(request, CONFIRM, typed, say_so)
    if isinstance(answer, Response):
        return answer
    lead = N_("Your address is confirmed.")
    return desk.done(request, N_("Welcome"), lead, (N_("Go on"), "/"))


@router.get("/pending")
async def pending_page(request: Request, pages: PagesHere, cookies: CookiesHere) -> Response:
    """All that somebody sees whose address is not confirmed."""
    _token_of(request, cookies)
    return pages.page(request, "pages/pending.html", is_resent=False)


@router.post("/pending")
async def resend(
    request: Request, form: Form, pages: PagesHere, accounts: AccountsHere, cookies: CookiesHere
) -> Response:
    """Send the letter again."""
    del form  # read for its token
    try:
        await accounts.resend(_token_of(request, cookies))
    except StoreError as error:
        if error.code != "already_confirmed":
            raise
        return RedirectResponse("/", status_code=303)
    return pages.page(request, "pages/pending.html", is_resent=True)


def _is_repeated(form: Submitted) -> bool:
    return form.secret("password") == form.secret("password_again")


def _token_of(request: Request, cookies: Cookies) -> str:
    token = cookies.session(request)
    if token is None:
        raise SignInNeeded("Sign in to see this page.")
    return token


def _entered(request: Request, cookies: Cookies, session: SessionView, path: str) -> Response:
    response = RedirectResponse(path, status_code=303)
    cookies.open_session(request, response, session.token, session.expires_at)
    return response
