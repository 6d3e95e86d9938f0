"""Sharing: which members and groups of a workspace may do what with one object of it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from contracts.sharing import MOST_GRANTEES, GranteeView, GrantPower, SharingView
from gateway.db import Transaction
from gateway.policy.errors import GroupNotFound, MemberNotFound, TooManyGrantees
from gateway.policy.refusals import Refusal, refused
from gateway.policy.repository.grants import GrantRepository, Shared, group_names
from gateway.policy.roster import Roster
from gateway.policy.words import Action, Kind, Verdict


class Grantee(Protocol):
    """A member or a group, and what it shall be granted."""

    @property
    def id(self) -> str: ...

    @property
    def powers(self) -> Sequence[GrantPower]: ...


class SharingDesk:
    """Writes grants and reads them. Whose business that is was decided when the object came."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    async def change(
        self,
        tx: Transaction,
        shared: Shared,
        members: Sequence[Grantee] | None,
        groups: Sequence[Grantee] | None,
    ) -> None:
        """From this commit on these have these powers. None: as they were."""
        grants = GrantRepository(tx, shared)
        if members is not None:
            there = await self._roster.names(tx, shared.workspace_id, [each.id for each in members])
            for unknown in _not_in(there, members):
                missing = MemberNotFound(f"There is no member {unknown} here.", param="members")
                raise refused(missing, _refusal(Kind.ROSTER, unknown))
            await grants.replace_members(_powers(members))
        if groups is not None:
            known = await group_names(tx, shared.workspace_id, [each.id for each in groups])
            for unknown in _not_in(known, groups):
                none = GroupNotFound(f"There is no group {unknown} here.", param="groups")
                raise refused(none, _refusal(Kind.GROUP, unknown))
            await grants.replace_groups(_powers(groups))

    async def grant(
        self, tx: Transaction, shared: Shared, grantee_id: str, powers: Sequence[GrantPower]
    ) -> None:
        """From this commit on one member or group has these powers too; nobody else's change."""
        grants, given = GrantRepository(tx, shared), [power.value for power in powers]
        known = await grants.all()
        if grantee_id in await self._roster.names(tx, shared.workspace_id, [grantee_id]):
            _check_room(known.members, grantee_id)
            await grants.add(given, member_id=grantee_id)
        elif grantee_id in await group_names(tx, shared.workspace_id, [grantee_id]):
            _check_room(known.groups, grantee_id)
            await grants.add(given, group_id=grantee_id)
        else:
            missing = MemberNotFound("There is no such member or group here.", param="grantee_id")
            raise refused(missing, _refusal(Kind.ROSTER, grantee_id))

    async def take(self, tx: Transaction, shared: Shared, grantee_id: str) -> None:
        """From this commit on one member or group has no powers; nobody else's change."""
        await GrantRepository(tx, shared).take(grantee_id)

    async def view(self, tx: Transaction, shared: Shared, visibility: str) -> SharingView:
        """With whom the object is shared now. Who has left the workspace is not shown."""
        granted = await GrantRepository(tx, shared).all()
        members = await self._roster.names(tx, shared.workspace_id, granted.members)
        groups = await group_names(tx, shared.workspace_id, granted.groups)
        return SharingView(
            visibility=visibility,
            members=_views(granted.members, members),
            groups=_views(granted.groups, groups),
        )


def _check_room(granted: dict[str, list[str]], grantee_id: str) -> None:
    if grantee_id not in granted and len(granted) >= MOST_GRANTEES:
        raise TooManyGrantees(f"It is shared with {MOST_GRANTEES} already: make a group of them.")


def _not_in(known: dict[str, str], wanted: Iterable[Grantee]) -> list[str]:
    return [each.id for each in wanted if each.id not in known]


def _refusal(kind: Kind, object_id: str) -> Refusal:
    return Refusal(Action.SEE, kind, object_id, Verdict.HIDDEN)


def _powers(wanted: Iterable[Grantee]) -> dict[str, list[str]]:
    """One named twice has the powers of both lines."""
    powers: dict[str, list[str]] = {}
    for each in wanted:
        powers.setdefault(each.id, []).extend(power.value for power in each.powers)
    return powers


def _views(granted: dict[str, list[str]], names: dict[str, str]) -> list[GranteeView]:
    views = [
        GranteeView(id=found, name=names[found], powers=[GrantPower(power) for power in powers])
        for found, powers in granted.items()
        if found in names
    ]
    return sorted(views, key=lambda view: view.name.casefold())
