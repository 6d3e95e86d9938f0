"""The stand-in's members and invites."""

import secrets

from fastapi import APIRouter, Request

from contracts.accounts import MemberView, Power, SessionInfo, SessionView, WorkspaceView
from contracts.credentials import SignUp
from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.invites import (
    InviteCreate,
    InviteCreated,
    InviteOffer,
    InviteToken,
    InviteView,
    WorkspaceMember,
)
from contracts.lists import Deleted, Page
from contracts.sharing import Colleague
from contracts.workspaces import WorkspaceInfo
from tests.support.gateway_standin import Refused, Standin, not_found, now

HOME = "http://web.example"


def members_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter()
    for method, path, handler in (
        ("GET", "/v1/admin/members", list_members),
        ("GET", "/v1/admin/invites", list_invites),
        ("POST", "/v1/admin/invites", create_invite),
        ("DELETE", "/v1/admin/invites/{invite_id}", revoke_invite),
        ("POST", "/v1/invites/look", look),
        ("POST", "/v1/invites/accept", accept),
        ("POST", "/v1/accounts", sign_up),
        ("GET", "/v1/sessions", list_sessions),
        ("GET", "/v1/members", list_colleagues),
        ("GET", "/v1/workspaces", list_workspaces),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


async def list_colleagues(request: Request) -> Page[Colleague]:
    _member(request)
    members = [member for _, member in _state(request).passwords.values()]
    return Page(
        data=[Colleague(id=each.id, name=each.name, power=each.workspace.power) for each in members]
    )


def _state(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    return state


def _member(request: Request) -> MemberView:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    member = _state(request).sessions.get(token)
    if member is None:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    return member


def _invite(request: Request, token: str) -> InviteCreated:
    for invite in _state(request).invites.values():
        if invite.token == token:
            return invite
    raise Refused(ErrorKind.FORBIDDEN, "invite_refused", "Not any more.")


async def list_members(request: Request) -> Page[WorkspaceMember]:
    _member(request)
    people = [member for _, member in _state(request).passwords.values()]
    data = [
        WorkspaceMember(
            id=one.id,
            email=one.email,
            name=one.name,
            role=one.workspace.power,
            workspace_id=one.workspace.id,
            workspace_name=one.workspace.name,
            is_operator=one.is_operator,
            joined_at=one.created_at,
        )
        for one in people
    ]
    return Page(data=data, last_id=f"{data[-1].id}:{data[-1].workspace_id}")


async def list_invites(request: Request) -> Page[InviteView]:
    _member(request)
    return Page(data=[InviteView(**one.model_dump()) for one in _state(request).invites.values()])


async def create_invite(request: Request, body: InviteCreate) -> InviteCreated:
    member, token = _member(request), f"inv-stoa-{secrets.token_urlsafe(8)}"
    made = InviteCreated(
        id=new_id("inv_"),
        email=body.email,
        role=body.role,
        workspace_id=None if body.new_workspace else member.workspace.id,
        workspace_name=body.new_workspace or member.workspace.name,
        invited_by=member.name,
        created_at=now(),
        expires_at=now() + 86_400,
        token=token,
        link=f"{HOME}/join?invite={token}",
    )
    _state(request).invites[made.id] = made
    return made


async def revoke_invite(request: Request, invite_id: str) -> Deleted:
    if _state(request).invites.pop(invite_id, None) is None:
        raise not_found("invite")
    return Deleted(id=invite_id, object="invite.deleted")


async def look(request: Request, body: InviteToken) -> InviteOffer:
    invite = _invite(request, body.token)
    return InviteOffer(
        email=invite.email,
        role=invite.role,
        workspace_name=invite.workspace_name,
        has_account=invite.email in _state(request).passwords,
        expires_at=invite.expires_at,
    )


async def sign_up(request: Request, body: SignUp) -> SessionView:
    state, invite = _state(request), _invite(request, body.invite or "")
    del state.invites[invite.id]
    state.add_member(invite.email, body.password.get_secret_value(), body.name, invite.role)
    return state.open_session(invite.email)


async def accept(request: Request, body: InviteToken) -> SessionView:
    state, invite, member = _state(request), _invite(request, body.token), _member(request)
    if member.email != invite.email:
        raise Refused(ErrorKind.FORBIDDEN, "invite_for_another", "Not yours.")
    del state.invites[invite.id]
    workspace = WorkspaceView(id=new_id("wsp_"), name=invite.workspace_name, power=Power.MEMBER)
    moved = member.model_copy(update={"workspace": workspace})
    state.passwords[member.email] = (state.passwords[member.email][0], moved)
    return state.open_session(member.email)


async def list_sessions(request: Request) -> Page[SessionInfo]:
    member, own = _member(request), request.headers["authorization"].removeprefix("Bearer ")
    return Page(
        data=[
            SessionInfo(
                id=f"ses_{number}",
                device="Firefox on Linux",
                workspace_id=member.workspace.id,
                workspace_name=member.workspace.name,
                is_current=token == own,
                created_at=now(),
                last_used_at=now(),
                expires_at=now() + 86_400,
            )
            for number, (token, whose) in enumerate(_state(request).sessions.items())
            if whose.id == member.id
        ]
    )


async def list_workspaces(request: Request) -> Page[WorkspaceInfo]:
    workspace = _member(request).workspace
    info = WorkspaceInfo(
        id=workspace.id,
        name=workspace.name,
        role=workspace.power,
        is_current=True,
        is_own=False,
        created_at=now(),
    )
    return Page(data=[info])
