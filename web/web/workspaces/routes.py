"""Switching between workspaces, and making, naming and leaving them; shown on the account page."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from contracts.accounts import Power
from contracts.workspaces import WorkspaceName
from runtime.provide import provided
from web.account.form_pages import Desk, Field, FormPage
from web.clients.workspaces import Workspaces
from web.cookies import Cookies
from web.forms import Form
from web.languages import N_
from web.pages import go
from web.paths import Id
from web.visitors import SignedIn

router = APIRouter(prefix="/workspaces", include_in_schema=False)
WorkspacesHere = Annotated[Workspaces, provided(Workspaces)]
CookiesHere = Annotated[Cookies, provided(Cookies)]

_HERE = "/account#workspaces"
_BACK = ((N_("Back to the account"), "/account"),)
_NAME = Field("name", N_("Name of the workspace"), most=100)
NEW = FormPage(
    N_("New workspace"),
    N_("You are its owner, and invite whom you like."),
    "/workspaces/new",
    N_("Make the workspace"),
    (_NAME,),
    others=_BACK,
)


def _rename_page(workspace_id: str) -> FormPage:
    return FormPage(
        N_("Name of the workspace"),
        N_("Everybody in it sees the name."),
        f"/workspaces/{workspace_id}/name",
        N_("Save"),
        (_NAME,),
        others=_BACK,
    )


@router.post("/current")
async def switch(
    request: Request,
    visitor: SignedIn,
    form: Form,
    workspaces: WorkspacesHere,
    cookies: CookiesHere,
) -> Response:
    """Work in another workspace."""
    session = await workspaces.switch(visitor.token, form.id("workspace_id"))
    response = RedirectResponse("/", status_code=303)
    cookies.open_session(request, response, session.token, session.expires_at)
    return response


@router.get("/new")
async def new_page(request: Request, visitor: SignedIn, desk: Desk) -> Response:
    """Ask for a name."""
    del visitor  # asked for, because this is for members
    return desk.show(request, NEW)


@router.post("/new")
async def create(
    request: Request, visitor: SignedIn, form: Form, desk: Desk, workspaces: WorkspacesHere
) -> Response:
    """Make a workspace."""
    typed = {"name": form.text("name")}

    async def make() -> None:
        await workspaces.create(visitor.token, WorkspaceName(**typed))

    answer = await desk.attempt(request, NEW, typed, make)
    return answer if isinstance(answer, Response) else go(request, _HERE)


@router.get("/{workspace_id}/name")
async def name_page(
    request: Request, visitor: SignedIn, desk: Desk, workspace_id: Id, workspaces: WorkspacesHere
) -> Response:
    """Ask for another name."""
    known = {one.id: one.name for one in await workspaces.all(visitor.token)}
    return desk.show(request, _rename_page(workspace_id), {"name": known.get(workspace_id, "")})


@router.post("/{workspace_id}/name")
async def rename(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Desk,
    workspace_id: Id,
    workspaces: WorkspacesHere,
) -> Response:
    """Give it another name."""
    typed = {"name": form.text("name")}

    async def save() -> None:
        await workspaces.rename(visitor.token, workspace_id, WorkspaceName(**typed))

    answer = await desk.attempt(request, _rename_page(workspace_id), typed, save)
    return answer if isinstance(answer, Response) else go(request, _HERE)


@router.post("/{workspace_id}/leave")
async def leave(
    request: Request,
    visitor: SignedIn,
    form: Form,
    workspace_id: Id,
    workspaces: WorkspacesHere,
    cookies: CookiesHere,
) -> Response:
    """Be in it no more. Whoever leaves the one they work in goes on in another."""
    del form  # read for its token
    others = [one for one in await workspaces.all(visitor.token) if one.id != workspace_id]
    if visitor.member.workspace.id != workspace_id or not others:
        await workspaces.remove(visitor.token, workspace_id, visitor.member.id)
        return go(request, _HERE)
    session = await workspaces.switch(visitor.token, others[0].id)
    response = RedirectResponse(_HERE, status_code=303)
    cookies.open_session(request, response, session.token, session.expires_at)
    await workspaces.remove(session.token, workspace_id, visitor.member.id)
    return response


@router.post("/{workspace_id}/members/{member_id}/role")
async def change_role(
    request: Request,
    visitor: SignedIn,
    form: Form,
    workspace_id: Id,
    member_id: Id,
    workspaces: WorkspacesHere,
) -> Response:
    """Give somebody another role."""
    role = Power(form.text("role")) if form.text("role") in set(Power) else Power.MEMBER
    await workspaces.change_role(visitor.token, workspace_id, member_id, role)
    return go(request, "/admin/members")


@router.post("/{workspace_id}/members/{member_id}/remove")
async def remove(
    request: Request,
    visitor: SignedIn,
    form: Form,
    workspace_id: Id,
    member_id: Id,
    workspaces: WorkspacesHere,
) -> Response:
    """Take somebody out."""
    del form  # read for its token
    await workspaces.remove(visitor.token, workspace_id, member_id)
    return go(request, "/admin/members")
