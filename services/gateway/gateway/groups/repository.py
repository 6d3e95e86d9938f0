"""Finds groups and who is in them, and the members of a workspace by name."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import delete as delete_rows
from sqlalchemy import false, func, select
from sqlalchemy.dialects.postgresql import insert

from gateway.accounts.tables import Member, Membership
from gateway.db import Transaction
from gateway.groups.errors import NotTheGroupKeeper
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.errors import GroupNotFound
from gateway.policy.repository.conditions import Source, may
from gateway.policy.rules import Asker
from gateway.policy.tables import Group, GroupMember
from gateway.policy.words import Action, Kind


def _missing(group_id: str) -> GroupNotFound:
    return GroupNotFound(f"There is no group {group_id}.")


def _barred(_action: Action) -> NotTheGroupKeeper:
    return NotTheGroupKeeper("Only the workspace's owners and admins change its groups.")


GROUPS = Source(
    kind=Kind.GROUP,
    row=Group,
    id=Group.id,
    workspace_id=Group.workspace_id,
    owned_by=lambda _: false(),
    missing=_missing,
    barred=_barred,
)


class Present(NamedTuple):
    """A member of a workspace."""

    id: str
    name: str
    power: str


class GroupRepository:
    """Groups inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, group: Group) -> None:
        """Make it part of this transaction."""
        self._tx.add(group)

    async def remove(self, group: Group) -> None:
        """Forget a group, who was in it, and what was granted to it."""
        await self._tx.delete(group)

    async def seen_by(self, asker: Asker, page: PageRequest) -> Rows[Group]:
        """The groups of the workspace."""
        query = select(Group).where(may(asker, Action.SEE, GROUPS))
        return await fetch_page(self._tx, query, Group.id, page)

    async def is_name_taken(self, workspace_id: str, name: str) -> bool:
        """Whether the workspace has a group of this name. Whoever asks makes it in turn."""
        lock = func.pg_advisory_xact_lock(func.hashtextextended(f"groups {workspace_id}", 0))
        await self._tx.execute(select(lock))
        query = select(Group.id).where(Group.workspace_id == workspace_id, Group.name == name)
        return await self._tx.scalar(query) is not None

    async def put(self, group_id: str, member_ids: Iterable[str]) -> None:
        """Take members in; those who are there stay."""
        rows = [{"group_id": group_id, "member_id": each} for each in dict.fromkeys(member_ids)]
        if rows:
            await self._tx.execute(insert(GroupMember).values(rows).on_conflict_do_nothing())

    async def take_out(self, group_id: str, member_id: str) -> None:
        """Take a member out, if they are in."""
        await self._tx.execute(
            delete_rows(GroupMember).where(
                GroupMember.group_id == group_id, GroupMember.member_id == member_id
            )
        )

    async def counts(self, group_ids: Collection[str]) -> dict[str, int]:
        """group id -> how many are in it and still in the workspace."""
        query = (
            select(GroupMember.group_id, func.count())
            .join(Group, Group.id == GroupMember.group_id)
            .join(
                Membership,
                (Membership.member_id == GroupMember.member_id)
                & (Membership.workspace_id == Group.workspace_id),
            )
            .where(GroupMember.group_id.in_(group_ids))
            .group_by(GroupMember.group_id)
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def present(
        self, workspace_id: str, page: PageRequest, group_id: str | None = None
    ) -> Rows[Present]:
        """The members of a workspace, or of one group of it."""
        query = (
            select(Member)
            .join(Membership, Membership.member_id == Member.id)
            .where(Membership.workspace_id == workspace_id, Member.suspended_at.is_(None))
        )
        if group_id is not None:
            inside = select(GroupMember.member_id).where(GroupMember.group_id == group_id)
            query = query.where(Member.id.in_(inside))
        rows = await fetch_page(self._tx, query, Member.id, page)
        powers = await self._powers(workspace_id, [member.id for member in rows.rows])
        present = [Present(each.id, each.name, powers[each.id]) for each in rows.rows]
        return Rows(present, rows.has_more)

    async def _powers(self, workspace_id: str, member_ids: Collection[str]) -> dict[str, str]:
        query = select(Membership.member_id, Membership.power).where(
            Membership.workspace_id == workspace_id, Membership.member_id.in_(member_ids)
        )
        return {row[0]: row[1] for row in await self._tx.execute(query)}
