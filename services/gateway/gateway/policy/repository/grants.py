"""Grants on one object, and the groups that somebody is in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, or_, select

from contracts.ids import new_id
from gateway.db import Transaction
from gateway.policy.tables import Grant, Group, GroupMember
from gateway.policy.words import Kind

Powers = Mapping[str, Sequence[str]]
"""Member or group id -> what it is granted."""


@dataclass(frozen=True)
class Shared:
    """An object that is loaded, and held, by somebody who may share it."""

    kind: Kind
    id: str
    workspace_id: str


@dataclass(frozen=True)
class Granted:
    """All grants on one object."""

    members: dict[str, list[str]]
    groups: dict[str, list[str]]


class GrantRepository:
    """The grants on one object, inside one transaction that holds the object."""

    def __init__(self, tx: Transaction, shared: Shared) -> None:
        self._tx = tx
        self._shared = shared
        self._is_on_it = and_(Grant.kind == shared.kind.value, Grant.object_id == shared.id)

    async def all(self) -> Granted:
        """Who has been granted what."""
        query = select(Grant).where(self._is_on_it)
        granted = Granted({}, {})
        for grant in await self._tx.scalars(query.order_by(Grant.id)):
            if grant.member_id is not None:
                granted.members[grant.member_id] = grant.powers
            elif grant.group_id is not None:
                granted.groups[grant.group_id] = grant.powers
        return granted

    async def replace_members(self, powers: Powers) -> None:
        """From this commit on these members have these powers, and no others any."""
        await self._forget(to_groups=False)
        self._tx.add_all(
            self._grant(member_id=member_id, powers=given) for member_id, given in powers.items()
        )

    async def replace_groups(self, powers: Powers) -> None:
        """The same for groups."""
        await self._forget(to_groups=True)
        self._tx.add_all(
            self._grant(group_id=group_id, powers=given) for group_id, given in powers.items()
        )

    async def add(
        self, powers: Sequence[str], member_id: str | None = None, group_id: str | None = None
    ) -> None:
        """From this commit on one of them has these powers too."""
        is_theirs = Grant.member_id == member_id if member_id else Grant.group_id == group_id
        found = await self._tx.scalar(select(Grant).where(self._is_on_it, is_theirs))
        if found is None:
            self._tx.add(self._grant(powers, member_id, group_id))
        else:
            found.powers = sorted({*found.powers, *powers})
        await self._tx.flush()

    async def take(self, grantee_id: str) -> None:
        """From this commit on this member or group has none."""
        is_theirs = or_(Grant.member_id == grantee_id, Grant.group_id == grantee_id)
        await self._tx.execute(delete(Grant).where(self._is_on_it, is_theirs))

    async def _forget(self, *, to_groups: bool) -> None:
        is_to_group = Grant.group_id.is_not(None)
        await self._tx.execute(
            delete(Grant).where(self._is_on_it, is_to_group if to_groups else ~is_to_group)
        )

    def _grant(
        self, powers: Sequence[str], member_id: str | None = None, group_id: str | None = None
    ) -> Grant:
        return Grant(
            id=new_id("gra_"),
            workspace_id=self._shared.workspace_id,
            kind=self._shared.kind.value,
            object_id=self._shared.id,
            member_id=member_id,
            group_id=group_id,
            powers=sorted(set(powers)),
        )


async def groups_of(tx: Transaction, workspace_id: str, member_id: str) -> frozenset[str]:
    """The groups of a workspace that a member is in."""
    query = (
        select(GroupMember.group_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.member_id == member_id, Group.workspace_id == workspace_id)
    )
    return frozenset(await tx.scalars(query))


async def group_names(
    tx: Transaction, workspace_id: str, group_ids: Collection[str]
) -> dict[str, str]:
    """group id -> name, of those that are the workspace's."""
    query = select(Group.id, Group.name).where(
        Group.workspace_id == workspace_id, Group.id.in_(set(group_ids))
    )
    return {row[0]: row[1] for row in await tx.execute(query)}
