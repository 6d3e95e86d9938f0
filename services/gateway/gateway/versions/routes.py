"""Versions of assistants on the public API."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.accounts import Scope
from contracts.assistants import AssistantVersionView, AssistantView
from contracts.lists import Page
from contracts.versions import (
    DRAFT,
    AssistantComparison,
    AssistantOutcome,
    AssistantVersionDetail,
    VersionModify,
)
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from gateway.versions.service.versions import VersionService
from runtime.provide import provided

router = APIRouter(prefix="/v1/assistants/{assistant_id}/versions", tags=["assistants"])
Versions = Annotated[VersionService, provided(VersionService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]


@router.get("")
async def versions(
    assistant_id: str, caller: Reader, page: Paging, versions: Versions
) -> Page[AssistantVersionView]:
    """The published versions."""
    return await versions.list(caller, assistant_id, page)


@router.get("/compare")
async def compare(
    assistant_id: str,
    caller: Reader,
    versions: Versions,
    before: Annotated[str | None, Query(alias="from", max_length=20)] = None,
    after: Annotated[str, Query(alias="to", max_length=20)] = DRAFT,
) -> AssistantComparison:
    """How two versions differ; either may be `draft`. Without `from`: the published one."""
    return await versions.compare(caller, assistant_id, before, after)


@router.get("/{number}")
async def get(
    assistant_id: str, number: str, caller: Reader, versions: Versions
) -> AssistantVersionDetail:
    """One version: its definition, its epochs and their files."""
    return await versions.get(caller, assistant_id, number)


@router.patch("/{number}")
async def modify(
    assistant_id: str, number: str, changes: VersionModify, caller: Manager, versions: Versions
) -> AssistantVersionView:
    """Give a version another note."""
    return await versions.modify(caller, assistant_id, number, changes)


@router.post("/{number}/restore")
async def restore(
    assistant_id: str, number: str, caller: Manager, versions: Versions
) -> AssistantOutcome:
    """Write a version's definition into the draft; what is published stays as it is."""
    return await versions.restore(caller, assistant_id, number)


@router.post("/restore/undo")
async def undo_restore(assistant_id: str, caller: Manager, versions: Versions) -> AssistantView:
    """Bring back the draft that was there before, while nothing has changed since."""
    return await versions.undo_restore(caller, assistant_id)
