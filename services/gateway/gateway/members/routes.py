"""Invites and members on the public API."""

from typing import Annotated

from fastapi import APIRouter, Response

from contracts.accounts import SessionView
from contracts.credentials import SignUp, SignUpReceived
from contracts.invites import (
    InviteCreate,
    InviteCreated,
    InviteOffer,
    InviteSignIn,
    InviteToken,
    InviteView,
    MemberStanding,
    WorkspaceMember,
)
from contracts.lists import Deleted, Page
from gateway.members.service.inviting import InviteService
from gateway.members.service.joining import JoiningService
from gateway.members.service.signing_up import SignUpService
from gateway.members.service.suspending import SuspensionService
from gateway.paging import Paging
from gateway.signed_in import SignedInByPassword
from gateway.visit import Visiting
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["members"])
Invites = Annotated[InviteService, provided(InviteService)]
SignUps = Annotated[SignUpService, provided(SignUpService)]
Suspensions = Annotated[SuspensionService, provided(SuspensionService)]
Joining = Annotated[JoiningService, provided(JoiningService)]


@router.get("/admin/members")
async def list_members(
    caller: SignedInByPassword, page: Paging, invites: Invites
) -> Page[WorkspaceMember]:
    """Who is in the workspace; for operators, in every workspace."""
    return await invites.members(caller, page)


@router.post("/admin/invites", status_code=201)
async def create_invite(
    wanted: InviteCreate, caller: SignedInByPassword, invites: Invites
) -> InviteCreated:
    """Invite a person; token and link are in this answer and nowhere else."""
    return await invites.create(caller, wanted)


@router.get("/admin/invites")
async def list_invites(
    caller: SignedInByPassword, page: Paging, invites: Invites
) -> Page[InviteView]:
    """The invites that could still be used."""
    return await invites.list(caller, page)


@router.delete("/admin/invites/{invite_id}")
async def revoke_invite(invite_id: str, caller: SignedInByPassword, invites: Invites) -> Deleted:
    """Revoke an invite."""
    return await invites.revoke(caller, invite_id)


@router.post("/admin/members/{member_id}/suspend")
async def suspend(
    member_id: str, caller: SignedInByPassword, suspensions: Suspensions
) -> MemberStanding:
    """Suspend a member: every session ends, and no key works."""
    return await suspensions.suspend(caller, member_id)


@router.post("/admin/members/{member_id}/reinstate")
async def reinstate(
    member_id: str, caller: SignedInByPassword, suspensions: Suspensions
) -> MemberStanding:
    """Let a suspended member in again."""
    return await suspensions.reinstate(caller, member_id)


@router.post("/accounts", status_code=201, responses={202: {"model": SignUpReceived}})
async def sign_up(
    account: SignUp, response: Response, visit: Visiting, sign_ups: SignUps
) -> SessionView | SignUpReceived:
    """Make an account: with an invite one is signed in (201); without, where that is open, the
    answer is the same for every address (202)."""
    answer = await sign_ups.sign_up(account, visit)
    if isinstance(answer, SignUpReceived):
        response.status_code = 202
    return answer


@router.post("/invites/look")
async def look(invite: InviteToken, visit: Visiting, joining: Joining) -> InviteOffer:
    """What an invite offers to whoever holds it."""
    return await joining.look(invite.token, visit)


@router.post("/invites/accept", status_code=201)
async def accept(
    invite: InviteToken, caller: SignedInByPassword, visit: Visiting, joining: Joining
) -> SessionView:
    """Join one more workspace with the account that is there."""
    return await joining.accept(caller, invite.token, visit)


@router.post("/invites/sign-in", status_code=201)
async def accept_with_password(
    invite: InviteSignIn, visit: Visiting, joining: Joining
) -> SessionView:
    """The same without a session: the password of the invited account comes with the invite."""
    return await joining.sign_in(invite, visit)
