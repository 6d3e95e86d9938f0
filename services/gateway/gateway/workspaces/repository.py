"""Finds workspaces and memberships, and what a member leaves behind in one."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select, true, update
from sqlalchemy.orm import aliased

from contracts.accounts import Power
from gateway.accounts.tables import Member, Membership, Workspace
from gateway.assistants.tables import Assistant
from gateway.db import Transaction
from gateway.knowledge.rules import ATTACHED_PURPOSE
from gateway.knowledge.tables import Collection, File
from gateway.policy.tables import Grant, Group, GroupMember

MOST_WORKSPACES = 200


class Place(NamedTuple):
    """A workspace as one of its members sees it."""

    workspace: Workspace
    power: str
    is_own: bool


class WorkspaceRepository:
    """Workspaces inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, row: Workspace | Membership) -> None:
        """Make it part of this transaction."""
        self._tx.add(row)

    async def flush(self) -> None:
        """Send what was added, so that later rows can refer to it."""
        await self._tx.flush()

    async def places(self, member_id: str) -> Sequence[Place]:
        """The workspaces a member is in, the first joined first."""
        other = aliased(Membership)
        has_others = exists().where(
            other.workspace_id == Workspace.id, other.member_id != member_id
        )
        query = (
            select(Workspace, Membership.power, ~has_others)
            .join(Membership, Membership.workspace_id == Workspace.id)
            .where(Membership.member_id == member_id)
            .order_by(Membership.created_at, Workspace.id)
            .limit(MOST_WORKSPACES)
        )
        return [Place(*row) for row in await self._tx.execute(query)]

    async def lock(self, workspace_id: str) -> Workspace | None:
        """The workspace, held until this commit: its members change one after another."""
        query = select(Workspace).where(
            Workspace.id == workspace_id, Workspace.deleted_at.is_(None)
        )
        return await self._tx.scalar(query.with_for_update())

    async def membership(self, workspace_id: str, member_id: str) -> Membership | None:
        """What somebody is in a workspace."""
        return await self._tx.get(Membership, (workspace_id, member_id), populate_existing=True)

    async def first_owner(self, workspace_id: str, but: str) -> str | None:
        """Who has owned the workspace for longest, apart from one member."""
        query = (
            select(Membership.member_id)
            .join(Member, Member.id == Membership.member_id)
            .where(
                Membership.workspace_id == workspace_id,
                Membership.member_id != but,
                Membership.power == Power.OWNER.value,
                Member.suspended_at.is_(None),
            )
            .order_by(Membership.created_at, Membership.member_id)
            .limit(1)
        )
        return await self._tx.scalar(query)

    async def others(self, workspace_id: str, member_id: str) -> int:
        """How many other people are in the workspace."""
        query = select(func.count()).where(
            Membership.workspace_id == workspace_id, Membership.member_id != member_id
        )
        return await self._tx.scalar(query) or 0

    async def hand_over(self, workspace_id: str, member_id: str, to: str) -> None:
        """Give what a member owns in the workspace to another one, but not what is attached to
        their conversations: that is theirs as much as what they said."""
        handed_over: tuple[tuple[type[Assistant | Collection | File], ColumnElement[bool]], ...] = (
            (Assistant, true()),
            (Collection, Collection.conversation_id.is_(None)),
            (File, File.purpose != ATTACHED_PURPOSE),
        )
        for table, is_handed_over in handed_over:
            await self._tx.execute(
                update(table)
                .where(table.workspace_id == workspace_id, table.owner_id == member_id)
                .where(is_handed_over)
                .values(owner_id=to)
            )

    async def forget_shares(self, workspace_id: str, member_id: str) -> None:
        """Take a member out of the workspace's groups, and what was shared with them away."""
        groups = select(Group.id).where(Group.workspace_id == workspace_id)
        await self._tx.execute(
            delete(GroupMember).where(
                GroupMember.member_id == member_id, GroupMember.group_id.in_(groups)
            )
        )
        of_here = (
            select(Assistant.id)
            .where(Assistant.workspace_id == workspace_id)
            .union(select(Collection.id).where(Collection.workspace_id == workspace_id))
        )
        await self._tx.execute(
            delete(Grant).where(Grant.member_id == member_id, Grant.object_id.in_(of_here))
        )

    async def remove(self, workspace_id: str, member_id: str) -> None:
        """End a membership."""
        await self._tx.execute(
            delete(Membership).where(
                Membership.workspace_id == workspace_id, Membership.member_id == member_id
            )
        )
