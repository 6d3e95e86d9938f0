"""The people of a workspace: seen, given another role, taken out, or gone by themselves."""

from contracts.accounts import Power
from contracts.invites import WorkspaceMember
from contracts.lists import Page
from contracts.workspaces import LeftWorkspace, RoleChange
from gateway.accounts.repository import AccountRepository
from gateway.accounts.tables import Membership
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.members.repository import MemberRepository
from gateway.members.service.inviting import member_view
from gateway.paging import PageRequest, as_page
from gateway.policy.rules import Asker
from gateway.policy.words import Action, Kind
from gateway.workspaces.errors import LastOwner, NotAMember, OwnersOnly
from gateway.workspaces.repository import WorkspaceRepository
from gateway.workspaces.rules import may_touch_ownership, touches_ownership
from gateway.workspaces.service.standing import asker_in, require_there


class PeopleService:
    """Who is in a workspace, and as what."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def members(
        self, caller: Caller, workspace_id: str, page: PageRequest
    ) -> Page[WorkspaceMember]:
        """Who is there, for those who run it."""
        async with self._database.transaction() as tx:
            asker = await asker_in(tx, caller, workspace_id)
            require_there(asker, Action.SEE, Kind.ROSTER)
            rows = await MemberRepository(tx).present(workspace_id, page)
        return as_page(rows, member_view, lambda view: f"{view.id}:{view.workspace_id}")

    async def change_role(
        self, caller: Caller, workspace_id: str, member_id: str, wanted: RoleChange
    ) -> WorkspaceMember:
        """Give somebody another role. Their sessions there end: power grows with a new token."""
        async with self._database.transaction() as tx:
            asker = await asker_in(tx, caller, workspace_id)
            require_there(asker, Action.EDIT, Kind.ROSTER)
            membership = await _member_of(tx, workspace_id, member_id)
            await _check_ownership(tx, asker, membership, wanted.role)
            if membership.power != wanted.role.value:
                membership.power = wanted.role.value
                if member_id != caller.member_id:
                    await AccountRepository(tx).end_all(
                        member_id, self._clock(), workspace_id=workspace_id
                    )
                Acts(tx).record(Act.MEMBER_POWER_CHANGED, caller, member_id, workspace_id)
            found = await MemberRepository(tx).presence(workspace_id, member_id)
        return member_view(found)

    async def remove(self, caller: Caller, workspace_id: str, member_id: str) -> LeftWorkspace:
        """Take somebody out, or leave: what they own there goes to the workspace's first owner,
        and their sessions and keys there end."""
        is_leaving = member_id == caller.member_id
        async with self._database.transaction() as tx:
            asker = await asker_in(tx, caller, workspace_id)
            membership = await _member_of(tx, workspace_id, member_id)
            if not is_leaving:
                require_there(asker, Action.DELETE, Kind.ROSTER)
            await _check_ownership(tx, asker, membership, None, is_leaving=is_leaving)
            repository = WorkspaceRepository(tx)
            heir = await repository.first_owner(workspace_id, member_id)
            if heir is None:
                raise _last_owner()
            await take_out(tx, workspace_id, member_id, heir, self._clock)
            act = Act.MEMBER_LEFT if is_leaving else Act.MEMBER_REMOVED
            Acts(tx).record(act, caller, member_id, workspace_id)
        return LeftWorkspace(id=member_id, handed_to=heir)


async def take_out(
    tx: Transaction, workspace_id: str, member_id: str, heir: str, clock: Clock
) -> None:
    """End a membership, and hand what hangs on it to another member."""
    repository, accounts = WorkspaceRepository(tx), AccountRepository(tx)
    await repository.hand_over(workspace_id, member_id, heir)
    await repository.forget_shares(workspace_id, member_id)
    await accounts.revoke_keys(member_id, clock(), workspace_id)
    await accounts.end_all(member_id, clock(), workspace_id=workspace_id)
    await repository.remove(workspace_id, member_id)


async def _member_of(tx: Transaction, workspace_id: str, member_id: str) -> Membership:
    membership = await WorkspaceRepository(tx).membership(workspace_id, member_id)
    if membership is None:
        raise NotAMember(f"There is no member {member_id} here.")
    return membership


async def _check_ownership(
    tx: Transaction,
    asker: Asker,
    membership: Membership,
    wanted: Power | None,
    *,
    is_leaving: bool = False,
) -> None:
    present = Power(membership.power)
    if not touches_ownership(present, wanted):
        return
    if not is_leaving and not may_touch_ownership(asker):
        raise OwnersOnly("Only owners make owners, and change or remove them.")
    is_losing_one = present is Power.OWNER and wanted is not Power.OWNER
    heir = await WorkspaceRepository(tx).first_owner(asker.workspace_id, membership.member_id)
    if is_losing_one and heir is None:
        raise _last_owner()


def _last_owner() -> LastOwner:
    return LastOwner("A workspace needs an owner: make somebody else one first.")
