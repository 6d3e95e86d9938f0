"""Invites: made, listed and revoked by those who run a workspace or the installation."""

from contracts.accounts import Power
from contracts.ids import new_id
from contracts.invites import InviteCreate, InviteCreated, InviteView, WorkspaceMember
from contracts.lists import Deleted, Page
from gateway.accounts.rules import new_token, plain_email, token_hash
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.members.errors import InviteNotFound, NotTheirWorkspace, WorkspaceNotFound
from gateway.members.repository import INVITES, InviteRepository, MemberRepository, Offer, Presence
from gateway.members.rules import (
    INVITE_LIFETIME,
    INVITE_PREFIX,
    invite_link,
    may_invite_into,
    sees_members,
)
from gateway.members.tables import Invite
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import Hold, load
from gateway.policy.rules import may_anywhere
from gateway.policy.words import Action, Kind

_NOT_AN_ADMIN = "Only operators, and a workspace's owners and admins, can do this."


class InviteService:
    """Who may come in, and who is there."""

    def __init__(self, database: Database, web_url: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._web_url = web_url
        self._clock = clock

    async def create(self, caller: Caller, wanted: InviteCreate) -> InviteCreated:
        """Make an invite; its token is in this answer and nowhere else."""
        token, now = new_token(INVITE_PREFIX), self._clock()
        async with self._database.transaction() as tx:
            workspace_id = await _target(tx, caller, wanted)
            invite = Invite(
                id=new_id("inv_"),
                token_hash=token_hash(token),
                email=plain_email(wanted.email),
                power=wanted.role.value,
                workspace_id=workspace_id,
                new_workspace=wanted.new_workspace,
                invited_by=caller.member_id,
                expires_at=now + INVITE_LIFETIME,
                created_at=now,
            )
            repository = InviteRepository(tx)
            repository.add(invite)
            await repository.flush()
            Acts(tx).record(Act.INVITE_CREATED, caller, invite.id, workspace_id)
            view = invite_view(await repository.offer(invite.id))
        link = invite_link(self._web_url, token)
        return InviteCreated(**view.model_dump(), token=token, link=link)

    async def list(self, caller: Caller, page: PageRequest) -> Page[InviteView]:
        """The invites that could still be used."""
        async with self._database.transaction() as tx:
            rows = await InviteRepository(tx).open_ones(_seen_by(caller), self._clock(), page)
        return as_page(rows, invite_view, lambda view: view.id)

    async def revoke(self, caller: Caller, invite_id: str) -> Deleted:
        """The invite opens nothing from now on."""
        _seen_by(caller)
        async with self._database.transaction() as tx:
            invite = await load(tx, caller, Action.DELETE, INVITES, invite_id, Hold.ALONE)
            if invite.expires_at <= self._clock():
                raise InviteNotFound(f"There is no open invite {invite_id}.")
            invite.ended_at = self._clock()
            Acts(tx).record(Act.INVITE_REVOKED, caller, invite_id)
        return Deleted(id=invite_id, object="invite.deleted")

    async def members(self, caller: Caller, page: PageRequest) -> Page[WorkspaceMember]:
        """Who is in the caller's workspace; operators see every workspace."""
        async with self._database.transaction() as tx:
            rows = await MemberRepository(tx).present(_seen_by(caller), page)
        return as_page(rows, member_view, lambda view: f"{view.id}:{view.workspace_id}")


def invite_view(offer: Offer) -> InviteView:
    """An invite as the API shows it. No hash ever leaves."""
    invite = offer.invite
    return InviteView(
        id=invite.id,
        email=invite.email,
        role=Power(invite.power),
        workspace_id=invite.workspace_id,
        workspace_name=offer.workspace_name,
        invited_by=offer.inviter,
        created_at=unix_seconds(invite.created_at),
        expires_at=unix_seconds(invite.expires_at),
    )


def member_view(presence: Presence) -> WorkspaceMember:
    """A person in a workspace, as those who run it see them."""
    member, membership, workspace = presence
    return WorkspaceMember(
        id=member.id,
        email=member.email,
        name=member.name,
        role=Power(membership.power),
        workspace_id=workspace.id,
        workspace_name=workspace.name,
        is_operator=member.is_operator,
        is_suspended=member.suspended_at is not None,
        is_pending=member.pending_since is not None,
        joined_at=unix_seconds(membership.created_at),
    )


async def _target(tx: Transaction, caller: Caller, wanted: InviteCreate) -> str | None:
    """The workspace an invite leads to, None for a new one."""
    if wanted.new_workspace is not None:
        if not may_anywhere(caller, Action.CREATE, Kind.ROSTER):
            raise NotTheirWorkspace("Only operators can invite into a new workspace.")
        return None
    workspace_id = wanted.workspace_id or caller.workspace_id
    if not sees_members(caller):
        raise NotTheirWorkspace(_NOT_AN_ADMIN)
    is_there = await MemberRepository(tx).workspace(workspace_id) is not None
    if not is_there or not may_invite_into(caller, workspace_id):
        raise WorkspaceNotFound(f"There is no workspace {workspace_id}.", param="workspace_id")
    return workspace_id


def _seen_by(caller: Caller) -> str | None:
    """The workspace the caller sees, None for all of them."""
    if not sees_members(caller):
        raise NotTheirWorkspace(_NOT_AN_ADMIN)
    return None if may_anywhere(caller, Action.SEE, Kind.ROSTER) else caller.workspace_id
