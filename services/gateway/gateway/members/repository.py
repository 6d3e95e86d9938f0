"""Finds invites and the members of workspaces."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, update

from gateway.accounts.tables import Member, Membership, Workspace
from gateway.db import Transaction
from gateway.members.errors import InviteNotFound
from gateway.members.tables import Invite
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source
from gateway.policy.words import Kind


def _missing(invite_id: str) -> InviteNotFound:
    return InviteNotFound(f"There is no open invite {invite_id}.")


INVITES = Source(
    kind=Kind.ROSTER,
    row=Invite,
    id=Invite.id,
    workspace_id=Invite.workspace_id,
    owned_by=lambda _: false(),
    missing=_missing,
    exists=Invite.ended_at.is_(None),
)


class Offer(NamedTuple):
    """An invite with the names around it."""

    invite: Invite
    inviter: str
    workspace_name: str


class Presence(NamedTuple):
    """A member in a workspace."""

    member: Member
    membership: Membership
    workspace: Workspace


class InviteRepository:
    """Invites inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, invite: Invite) -> None:
        """Make it part of this transaction."""
        self._tx.add(invite)

    async def flush(self) -> None:
        """Send what was added, so that it can be read with its names."""
        await self._tx.flush()

    async def open_offer(self, hashed: str, now: datetime) -> Offer | None:
        """The invite behind a token, if it could be used now."""
        query = _offers().where(Invite.token_hash == hashed, _is_open(now))
        row = (await self._tx.execute(query)).first()
        return None if row is None else Offer(*row)

    async def offer(self, invite_id: str) -> Offer:
        """One invite with the names around it."""
        row = (await self._tx.execute(_offers().where(Invite.id == invite_id))).one()
        return Offer(*row)

    async def open_ones(
        self, workspace_id: str | None, now: datetime, page: PageRequest
    ) -> Rows[Offer]:
        """Invites that could still be used: of one workspace, or all."""
        query = select(Invite).where(_is_open(now))
        if workspace_id is not None:
            query = query.where(Invite.workspace_id == workspace_id)
        rows = await fetch_page(self._tx, query, Invite.id, page)
        ids = [invite.id for invite in rows.rows]
        found = {
            row[0].id: Offer(*row)
            for row in await self._tx.execute(_offers().where(Invite.id.in_(ids)))
        }
        return Rows([found[invite_id] for invite_id in ids], rows.has_more)

    async def use(self, hashed: str, now: datetime) -> Invite | None:
        """End an open invite. Of callers at the same moment only one gets it."""
        return await self._tx.scalar(
            update(Invite)
            .where(Invite.token_hash == hashed, _is_open(now))
            .values(ended_at=now)
            .returning(Invite)
        )


class MemberRepository:
    """Members of workspaces inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def workspace(self, workspace_id: str) -> Workspace | None:
        """A workspace."""
        return await self._tx.get(Workspace, workspace_id)

    async def names(self, workspace_id: str, member_ids: Collection[str]) -> dict[str, str]:
        """member id -> name, of those who are in the workspace."""
        query = (
            select(Member.id, Member.name)
            .join(Membership, Membership.member_id == Member.id)
            .where(Membership.workspace_id == workspace_id, Member.id.in_(set(member_ids)))
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def presence(self, workspace_id: str, member_id: str) -> Presence:
        """A member who is in a workspace."""
        query = (
            select(Member, Membership, Workspace)
            .join(Membership, Membership.member_id == Member.id)
            .join(Workspace, Workspace.id == Membership.workspace_id)
            .where(Workspace.id == workspace_id, Member.id == member_id)
        )
        return Presence(*(await self._tx.execute(query)).one())

    async def present(self, workspace_id: str | None, page: PageRequest) -> Rows[Presence]:
        """Who is there: in one workspace, or in all. The cursor is `member:workspace`."""
        query = (
            select(Member, Membership, Workspace)
            .join(Membership, Membership.member_id == Member.id)
            .join(Workspace, Workspace.id == Membership.workspace_id)
            .order_by(Member.id, Workspace.id)
            .limit(page.limit + 1)
        )
        if workspace_id is not None:
            query = query.where(Workspace.id == workspace_id)
        # A member may be in several workspaces, so the member's id alone is no cursor.
        if page.after is not None:
            member, _, workspace = str(page.after).partition(":")
            is_later = and_(Member.id == member, Workspace.id > workspace)
            query = query.where(or_(Member.id > member, is_later))
        found = [Presence(*row) for row in await self._tx.execute(query)]
        return Rows(found[: page.limit], has_more=len(found) > page.limit)


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(Invite.ended_at.is_(None), Invite.expires_at > now)


def _offers() -> Select[Invite, str, str]:
    return (
        select(Invite, Member.name, func.coalesce(Workspace.name, Invite.new_workspace))
        .join(Member, Member.id == Invite.invited_by)
        .outerjoin(Workspace, Workspace.id == Invite.workspace_id)
    )
