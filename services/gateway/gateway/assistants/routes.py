"""Assistants on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.assistants import (
    AssistantCreate,
    AssistantModify,
    AssistantView,
    Sharing,
)
from contracts.lists import Deleted, Page
from contracts.sharing import AssistantGrant, SharingView
from contracts.versions import (
    AssistantDuplicate,
    AssistantOutcome,
    AssistantPublish,
    AssistantTransfer,
)
from gateway.assistants.service.assistants import AssistantService
from gateway.assistants.service.passing import PassingService
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/assistants", tags=["assistants"])
_NO_NOTE = AssistantPublish()
Assistants = Annotated[AssistantService, provided(AssistantService)]
Passing = Annotated[PassingService, provided(PassingService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]


@router.post("")
async def create(fields: AssistantCreate, caller: Manager, assistants: Assistants) -> AssistantView:
    """Make an assistant."""
    return await assistants.create(caller, fields)


@router.get("")
async def list_assistants(
    caller: Reader, page: Paging, assistants: Assistants
) -> Page[AssistantView]:
    """The assistants of the workspace."""
    return await assistants.list(caller, page)


@router.get("/{assistant_id}")
async def get(assistant_id: str, caller: Reader, assistants: Assistants) -> AssistantView:
    """One assistant, by id or slug."""
    return await assistants.get(caller, assistant_id)


@router.post("/{assistant_id}")
@router.patch("/{assistant_id}")
async def modify(
    assistant_id: str, changes: AssistantModify, caller: Manager, assistants: Assistants
) -> AssistantView:
    """Change some fields of the draft."""
    return await assistants.modify(caller, assistant_id, changes)


@router.delete("/{assistant_id}")
async def delete(assistant_id: str, caller: Manager, assistants: Assistants) -> Deleted:
    """Withdraw an assistant; it can be brought back for 30 days."""
    return await assistants.delete(caller, assistant_id)


@router.post("/{assistant_id}/publish")
async def publish(
    assistant_id: str,
    caller: Manager,
    assistants: Assistants,
    wanted: AssistantPublish = _NO_NOTE,
) -> AssistantView:
    """Freeze the draft as the next version."""
    return await assistants.publish(caller, assistant_id, wanted.note)


@router.put("/{assistant_id}/sharing")
async def share(
    assistant_id: str, wanted: Sharing, caller: Manager, assistants: Assistants
) -> AssistantView:
    """Say who may ask or edit an assistant."""
    return await assistants.share(caller, assistant_id, wanted)


@router.get("/{assistant_id}/sharing")
async def sharing(assistant_id: str, caller: Manager, assistants: Assistants) -> SharingView:
    """Who may ask or edit an assistant, for those who decide it."""
    return await assistants.sharing(caller, assistant_id)


@router.post("/{assistant_id}/sharing/{grantee_id}")
async def grant(
    assistant_id: str,
    grantee_id: str,
    wanted: AssistantGrant,
    caller: Manager,
    assistants: Assistants,
) -> SharingView:
    """Let one member or group ask or edit an assistant; what others may do stays."""
    return await assistants.grant(caller, assistant_id, grantee_id, wanted)


@router.delete("/{assistant_id}/sharing/{grantee_id}")
async def take(
    assistant_id: str, grantee_id: str, caller: Manager, assistants: Assistants
) -> SharingView:
    """Share an assistant with one member or group no longer."""
    return await assistants.take(caller, assistant_id, grantee_id)


@router.post("/{assistant_id}/duplicate")
async def duplicate(
    assistant_id: str, wanted: AssistantDuplicate, caller: Manager, passing: Passing
) -> AssistantOutcome:
    """Make a private one of the caller's own with the same draft."""
    return await passing.duplicate(caller, assistant_id, wanted)


@router.post("/{assistant_id}/transfer")
async def transfer(
    assistant_id: str, wanted: AssistantTransfer, caller: Manager, passing: Passing
) -> AssistantOutcome:
    """Give an assistant to another member of the workspace."""
    return await passing.transfer(caller, assistant_id, wanted)


@router.post("/{assistant_id}/restore")
async def restore(assistant_id: str, caller: Manager, passing: Passing) -> AssistantView:
    """Bring back a deleted assistant, by its id, within 30 days."""
    return await passing.bring_back(caller, assistant_id)
