"""One's own account: name, address, password, sessions, export and deletion."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import SecretStr
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response, StreamingResponse

from contracts.accounts import SessionView
from contracts.credentials import EmailChange, PasswordChange, ProfileChange
from runtime.provide import provided
from web.account.form_pages import (
    AGAIN,
    EMAIL,
    NAME,
    NEW_PASSWORD,
    PASSWORD,
    Desk,
    Field,
    FormPage,
)
from web.clients.accounts import Accounts
from web.cookies import Cookies
from web.forms import Form
from web.languages import N_
from web.pages import go
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/account", include_in_schema=False)
AccountsHere = Annotated[Accounts, provided(Accounts)]
CookiesHere = Annotated[Cookies, provided(Cookies)]

_BACK = ((N_("Back to the account"), "/account"),)
_OLD = Field("old_password", N_("Present password"), "password", fill="current-password")
PROFILE = FormPage(
    N_("Your name"),
    N_("What others here call you."),
    "/account/name",
    N_("Save"),
    (NAME,),
    others=_BACK,
)
EMAIL_PAGE = FormPage(
    N_("Your email address"),
    N_("You sign in with it. A new one may have to be confirmed by a letter to it."),
    "/account/email",
    N_("Change the address"),
    (EMAIL, PASSWORD),
    others=_BACK,
)
PASSWORD_PAGE = FormPage(
    N_("Your password"),
    N_("You are signed out on every other device. API keys go on working."),
    "/account/password",
    N_("Change the password"),
    (_OLD, NEW_PASSWORD, AGAIN),
    others=_BACK,
)
EXPORT = FormPage(
    N_("Take your data along"),
    N_("An archive of your account, assistants, conversations and files."),
    "/account/export",
    N_("Download the archive"),
    (PASSWORD,),
    others=_BACK,
)
DELETE = FormPage(
    N_("Delete your account"),
    N_(
        "A workspace of yours alone goes with everything in it. Where others work, your assistants "
        "and knowledge go to an owner. Your conversations go everywhere. It cannot be undone."
    ),
    "/account/delete",
    N_("Delete it for good"),
    (PASSWORD,),
    kind="danger",
    others=((N_("Take your data along"), "/account/export"), *_BACK),
)


@router.get("/name")
async def name_page(request: Request, visitor: SignedIn, desk: Desk) -> Response:
    """Be called otherwise."""
    return desk.show(request, PROFILE, {"name": visitor.member.name})


@router.post("/name")
async def name(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, accounts: AccountsHere
) -> Response:
    """Save the name."""
    typed = {"name": form.text("name")}

    async def save() -> None:
        await accounts.change_profile(visitor.token, ProfileChange(**typed))

    answer = await desk.attempt(request, PROFILE, typed, save)
    return answer if isinstance(answer, Response) else go(request, "/account")


@router.get("/email")
async def email_page(request: Request, visitor: SignedIn, desk: Desk) -> Response:
    """Have another address."""
    return desk.show(request, EMAIL_PAGE, {"email": visitor.member.email})


@router.post("/email")
async def email(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, accounts: AccountsHere
) -> Response:
    """Change it at once, or by a letter."""
    typed = {"email": form.text("email")}

    async def change() -> str:
        wanted = EmailChange(**typed, password=SecretStr(form.secret("password")))
        return (await accounts.change_email(visitor.token, wanted)).status

    answer = await desk.attempt(request, EMAIL_PAGE, typed, change)
    if isinstance(answer, Response):
        return answer
    if answer == "changed":
        return go(request, "/account")
    lead = N_("If the address is free, a letter is on its way to it. Open its link.")
    return desk.done(request, N_("Look into your mail"), lead, _BACK[0])


@router.get("/password")
async def password_page(request: Request, visitor: SignedIn, desk: Desk) -> Response:
    """Have another password."""
    del visitor  # asked for, because this is theirs alone
    return desk.show(request, PASSWORD_PAGE)


@router.post("/password")
async def password(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Desk,
    accounts: AccountsHere,
    cookies: CookiesHere,
) -> Response:
    """Change it, and go on with a new session."""
    if form.secret("password") != form.secret("password_again"):
        return desk.differing(request, PASSWORD_PAGE, {})

    async def change() -> SessionView:
        wanted = PasswordChange(
            old_password=SecretStr(form.secret("old_password")),
            password=SecretStr(form.secret("password")),
        )
        return await accounts.change_password(visitor.token, wanted)

    session = await desk.attempt(request, PASSWORD_PAGE, {}, change)
    if isinstance(session, Response):
        return session
    response = RedirectResponse("/account", status_code=303)
    cookies.open_session(request, response, session.token, session.expires_at)
    return response


@router.post("/sessions/{session_id}/end")
async def end_session(
    request: Request, visitor: SignedIn, form: Form, accounts: AccountsHere, session_id: Id
) -> Response:
    """Sign out on another device."""
    del form  # read for its token
    await accounts.end_session(visitor.token, session_id)
    return go(request, "/account#sessions")


@router.post("/sessions/end-others")
async def end_others(
    request: Request, visitor: SignedIn, form: Form, accounts: AccountsHere
) -> Response:
    """Sign out everywhere else."""
    del form  # read for its token
    await accounts.end_other_sessions(visitor.token)
    return go(request, "/account#sessions")


@router.get("/export")
async def export_page(request: Request, visitor: SignedIn, desk: Desk) -> Response:
    """What is one's own, to take along."""
    del visitor  # asked for, because this is theirs alone
    return desk.show(request, EXPORT)


@router.post("/export")
async def export(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, accounts: AccountsHere
) -> Response:
    """The archive, on its way through to the reader."""

    async def send() -> Response:
        archive = await accounts.export(visitor.token, form.secret("password"))
        headers = {
            "content-disposition": 'attachment; filename="stoa-export.zip"',
            "content-security-policy": "sandbox",
        }
        return StreamingResponse(
            archive.aiter_bytes(),
            media_type="application/zip",
            headers=headers,
            background=BackgroundTask(archive.aclose),
        )

    return await desk.attempt(request, EXPORT, {}, send)


@router.get("/delete")
async def delete_page(request: Request, visitor: SignedIn, desk: Desk) -> Response:
    """Asks before it does."""
    del visitor  # asked for, because this is theirs alone
    return desk.show(request, DELETE)


@router.post("/delete")
async def delete(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Desk,
    accounts: AccountsHere,
    cookies: CookiesHere,
) -> Response:
    """The end of the account."""

    async def end() -> None:
        await accounts.delete(visitor.token, form.secret("password"))

    answer = await desk.attempt(request, DELETE, {}, end)
    if isinstance(answer, Response):
        return answer
    request.state.member = None
    lead = N_("Nothing of it is left here but the sums in the ledger, which name nobody.")
    response = desk.done(request, N_("Your account is deleted"), lead, (N_("Go on"), "/"))
    cookies.close_session(request, response)
    return response
