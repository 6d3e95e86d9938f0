"""What somebody is in a workspace, which need not be the one their session works in."""

from contracts.accounts import Power
from contracts.errors import StoreError
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.policy.loading import require
from gateway.policy.rules import Asker, Thing
from gateway.policy.words import Action, Kind
from gateway.workspaces.errors import NotRunByThem, WorkspaceUnknown
from gateway.workspaces.repository import WorkspaceRepository


async def asker_in(tx: Transaction, caller: Caller, workspace_id: str) -> Asker:
    """The caller as they are there, the workspace held until this commit. Unknown and foreign
    ones are the same refusal, except to operators."""
    repository = WorkspaceRepository(tx)
    workspace = await repository.lock(workspace_id)
    membership = await repository.membership(workspace_id, caller.member_id)
    if workspace is None or (membership is None and not caller.is_operator):
        raise WorkspaceUnknown(f"There is no workspace {workspace_id}.")
    return Asker(
        member_id=caller.member_id,
        workspace_id=workspace_id,
        power=Power.GUEST if membership is None else Power(membership.power),
        is_operator=caller.is_operator,
    )


def require_there(
    asker: Asker, action: Action, kind: Kind, otherwise: StoreError | None = None
) -> None:
    """Raise unless the asker may do this to what there is one of in the workspace."""
    refusal = otherwise or NotRunByThem(
        "Only operators, and a workspace's owners and admins, can do this."
    )
    require(asker, action, Thing(kind, asker.workspace_id, asker.workspace_id), refusal)
