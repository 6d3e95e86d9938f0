"""Groups: made and filled by those who run a workspace, seen by all who share something there."""

from collections.abc import Sequence

from contracts.accounts import Power
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from contracts.sharing import Colleague, GroupCreate, GroupModify, GroupView
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.groups.errors import GroupNameTaken, NotForGuests, NotTheGroupKeeper
from gateway.groups.repository import GROUPS, GroupRepository, Present
from gateway.paging import PageRequest, as_page
from gateway.policy.errors import MemberNotFound
from gateway.policy.loading import load, require
from gateway.policy.refusals import Refusal, refused
from gateway.policy.roster import Roster
from gateway.policy.rules import here
from gateway.policy.tables import Group
from gateway.policy.words import Action, Kind, Verdict


class GroupService:
    """What people do with groups."""

    def __init__(self, database: Database, roster: Roster, clock: Clock = utc_now) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock

    async def create(self, caller: Caller, wanted: GroupCreate) -> GroupView:
        """Make a group, with members if wanted."""
        _check_keeper(caller)
        name = wanted.name.strip()
        group = Group(
            id=new_id("grp_"),
            workspace_id=caller.workspace_id,
            name=name,
            created_at=self._clock(),
        )
        async with self._database.transaction() as tx:
            repository = GroupRepository(tx)
            await self._check_free(tx, caller, name)
            await self._check_members(tx, caller, wanted.members)
            repository.add(group)
            await tx.flush()
            await repository.put(group.id, wanted.members)
            Acts(tx).record(Act.GROUP_CREATED, caller, group.id)
            return await _view(tx, group)

    async def list(self, caller: Caller, page: PageRequest) -> Page[GroupView]:
        """The groups of the workspace."""
        _check_no_guest(caller, Kind.GROUP)
        async with self._database.transaction() as tx:
            rows = await GroupRepository(tx).seen_by(caller, page)
            counts = await GroupRepository(tx).counts([group.id for group in rows.rows])
        return as_page(
            rows, lambda group: group_view(group, counts.get(group.id, 0)), lambda view: view.id
        )

    async def get(self, caller: Caller, group_id: str) -> GroupView:
        """One group."""
        async with self._database.transaction() as tx:
            return await _view(tx, await load(tx, caller, Action.SEE, GROUPS, group_id))

    async def rename(self, caller: Caller, group_id: str, changes: GroupModify) -> GroupView:
        """Give it another name; what is shared with it stays."""
        name = changes.name.strip()
        async with self._database.transaction() as tx:
            group = await load(tx, caller, Action.EDIT, GROUPS, group_id)
            if group.name != name:
                await self._check_free(tx, caller, name)
                group.name = name
                Acts(tx).record(Act.GROUP_CHANGED, caller, group.id)
            return await _view(tx, group)

    async def delete(self, caller: Caller, group_id: str) -> Deleted:
        """Forget it; what its members could do through it alone they cannot from now on."""
        async with self._database.transaction() as tx:
            group = await load(tx, caller, Action.DELETE, GROUPS, group_id)
            await GroupRepository(tx).remove(group)
            Acts(tx).record(Act.GROUP_DELETED, caller, group.id)
        return Deleted(id=group_id, object="group.deleted")

    async def put(self, caller: Caller, group_id: str, member_id: str) -> GroupView:
        """Take a member of the workspace in."""
        async with self._database.transaction() as tx:
            group = await load(tx, caller, Action.EDIT, GROUPS, group_id)
            await self._check_members(tx, caller, [member_id])
            await GroupRepository(tx).put(group.id, [member_id])
            Acts(tx).record(Act.GROUP_CHANGED, caller, group.id)
            return await _view(tx, group)

    async def take_out(self, caller: Caller, group_id: str, member_id: str) -> GroupView:
        """Take a member out."""
        async with self._database.transaction() as tx:
            group = await load(tx, caller, Action.EDIT, GROUPS, group_id)
            await GroupRepository(tx).take_out(group.id, member_id)
            Acts(tx).record(Act.GROUP_CHANGED, caller, group.id)
            return await _view(tx, group)

    async def colleagues(
        self, caller: Caller, page: PageRequest, group_id: str | None = None
    ) -> Page[Colleague]:
        """Who is in the workspace, or in one group of it, by name."""
        _check_no_guest(caller, Kind.GROUP)
        async with self._database.transaction() as tx:
            if group_id is not None:
                await load(tx, caller, Action.SEE, GROUPS, group_id)
            rows = await GroupRepository(tx).present(caller.workspace_id, page, group_id)
        return as_page(rows, _colleague, lambda view: view.id)

    async def _check_free(self, tx: Transaction, caller: Caller, name: str) -> None:
        if await GroupRepository(tx).is_name_taken(caller.workspace_id, name):
            raise GroupNameTaken(f"There is a group {name} already.", param="name")

    async def _check_members(
        self, tx: Transaction, caller: Caller, member_ids: Sequence[str]
    ) -> None:
        there = await self._roster.names(tx, caller.workspace_id, member_ids)
        for member_id in member_ids:
            if member_id not in there:
                missing = MemberNotFound(f"There is no member {member_id} here.", param="members")
                what = Refusal(Action.SEE, Kind.ROSTER, member_id, Verdict.HIDDEN)
                raise refused(missing, what)


def group_view(group: Group, member_count: int) -> GroupView:
    """A group as the API shows it."""
    return GroupView(
        id=group.id,
        name=group.name,
        member_count=member_count,
        created_at=unix_seconds(group.created_at),
    )


async def _view(tx: Transaction, group: Group) -> GroupView:
    counts = await GroupRepository(tx).counts([group.id])
    return group_view(group, counts.get(group.id, 0))


def _colleague(present: Present) -> Colleague:
    return Colleague(id=present.id, name=present.name, power=Power(present.power))


def _check_keeper(caller: Caller) -> None:
    refusal = NotTheGroupKeeper("Only the workspace's owners and admins make groups.")
    require(caller, Action.ADMINISTER, here(caller, Kind.WORKSPACE), refusal)


def _check_no_guest(caller: Caller, kind: Kind) -> None:
    refusal = NotForGuests("Guests share nothing, and see no list of who is here.")
    require(caller, Action.SEE, here(caller, kind), refusal)
