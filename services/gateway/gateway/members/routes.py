"""Invites and members on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import SessionView
from contracts.invites import (
    AccountCreate,
    InviteCreate,
    InviteCreated,
    InviteOffer,
    InviteToken,
    InviteView,
    WorkspaceMember,
)
from contracts.lists import Deleted, Page
from gateway.members.service.inviting import InviteService
from gateway.members.service.joining import JoiningService
from gateway.paging import Paging
from gateway.signed_in import SignedInByPassword
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["members"])
Invites = Annotated[InviteService, provided(InviteService)]
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


@router.post("/accounts", status_code=201)
async def sign_up(account: AccountCreate, joining: Joining) -> SessionView:
    """Make an account with an invite, and be signed in."""
    return await joining.sign_up(account)


@router.post("/invites/look")
async def look(invite: InviteToken, joining: Joining) -> InviteOffer:
    """What an invite offers to whoever holds it."""
    return await joining.look(invite.token)


@router.post("/invites/accept", status_code=201)
async def accept(invite: InviteToken, caller: SignedInByPassword, joining: Joining) -> SessionView:
    """Join one more workspace with the account that is there."""
    return await joining.accept(caller, invite.token)
