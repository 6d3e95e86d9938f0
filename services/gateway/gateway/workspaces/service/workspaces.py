"""Workspaces themselves: listed, made and named."""

from contracts.accounts import Power, SignUpMode
from contracts.ids import new_id
from contracts.lists import Page
from contracts.workspaces import WorkspaceInfo, WorkspaceName
from gateway.accounts.tables import Membership, Workspace
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database
from gateway.policy.words import Action, Kind
from gateway.workspaces.errors import WorkspacesNotOpen, WorkspaceUnknown
from gateway.workspaces.repository import Place, WorkspaceRepository
from gateway.workspaces.rules import may_make_workspaces
from gateway.workspaces.service.standing import asker_in, require_there


class WorkspaceService:
    """What members do with workspaces."""

    def __init__(self, database: Database, sign_up: SignUpMode, clock: Clock = utc_now) -> None:
        self._database = database
        self._sign_up = sign_up
        self._clock = clock

    async def list(self, caller: Caller) -> Page[WorkspaceInfo]:
        """The caller's workspaces, the first joined first."""
        async with self._database.transaction() as tx:
            places = await WorkspaceRepository(tx).places(caller.member_id)
        views = [_view(caller, place) for place in places]
        ends = (views[0].id, views[-1].id) if views else (None, None)
        return Page(data=views, first_id=ends[0], last_id=ends[1])

    async def create(self, caller: Caller, wanted: WorkspaceName) -> WorkspaceInfo:
        """Make a workspace, and own it."""
        if not may_make_workspaces(caller, self._sign_up):
            raise WorkspacesNotOpen("Only operators make workspaces here.")
        now = self._clock()
        workspace = Workspace(id=new_id("wsp_"), name=wanted.name.strip(), created_at=now)
        async with self._database.transaction() as tx:
            repository = WorkspaceRepository(tx)
            repository.add(workspace)
            await repository.flush()
            repository.add(
                Membership(
                    workspace_id=workspace.id,
                    member_id=caller.member_id,
                    power=Power.OWNER.value,
                    created_at=now,
                )
            )
            Acts(tx).record(Act.WORKSPACE_CREATED, caller, workspace.id, workspace.id)
        return _view(caller, Place(workspace, Power.OWNER.value, is_own=True))

    async def rename(
        self, caller: Caller, workspace_id: str, wanted: WorkspaceName
    ) -> WorkspaceInfo:
        """Give a workspace another name."""
        async with self._database.transaction() as tx:
            asker = await asker_in(tx, caller, workspace_id)
            require_there(asker, Action.ADMINISTER, Kind.WORKSPACE)
            repository = WorkspaceRepository(tx)
            workspace = await repository.lock(workspace_id)
            if workspace is None:
                raise WorkspaceUnknown(f"There is no workspace {workspace_id}.")
            workspace.name = wanted.name.strip()
            Acts(tx).record(Act.WORKSPACE_RENAMED, caller, workspace_id, workspace_id)
            is_own = await repository.others(workspace_id, caller.member_id) == 0
        return _view(caller, Place(workspace, asker.power.value, is_own))


def _view(caller: Caller, place: Place) -> WorkspaceInfo:
    return WorkspaceInfo(
        id=place.workspace.id,
        name=place.workspace.name,
        role=Power(place.power),
        is_current=place.workspace.id == caller.workspace_id,
        is_own=place.is_own,
        created_at=unix_seconds(place.workspace.created_at),
    )
