"""Workspaces and their members on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.invites import WorkspaceMember
from contracts.lists import Page
from contracts.workspaces import LeftWorkspace, RoleChange, WorkspaceInfo, WorkspaceName
from gateway.paging import Paging
from gateway.signed_in import SignedInByPassword
from gateway.workspaces.service.people import PeopleService
from gateway.workspaces.service.workspaces import WorkspaceService
from runtime.provide import provided

router = APIRouter(prefix="/v1/workspaces", tags=["workspaces"])
Workspaces = Annotated[WorkspaceService, provided(WorkspaceService)]
People = Annotated[PeopleService, provided(PeopleService)]


@router.get("")
async def list_workspaces(
    caller: SignedInByPassword, workspaces: Workspaces
) -> Page[WorkspaceInfo]:
    """The workspaces the caller is in, the first joined first."""
    return await workspaces.list(caller)


@router.post("", status_code=201)
async def create(
    wanted: WorkspaceName, caller: SignedInByPassword, workspaces: Workspaces
) -> WorkspaceInfo:
    """Make a workspace and own it: operators, and with open sign-up every member."""
    return await workspaces.create(caller, wanted)


@router.patch("/{workspace_id}")
async def rename(
    workspace_id: str, wanted: WorkspaceName, caller: SignedInByPassword, workspaces: Workspaces
) -> WorkspaceInfo:
    """Give a workspace another name."""
    return await workspaces.rename(caller, workspace_id, wanted)


@router.get("/{workspace_id}/members")
async def list_members(
    workspace_id: str, caller: SignedInByPassword, page: Paging, people: People
) -> Page[WorkspaceMember]:
    """Who is in a workspace, for those who run it."""
    return await people.members(caller, workspace_id, page)


@router.patch("/{workspace_id}/members/{member_id}")
async def change_role(
    workspace_id: str,
    member_id: str,
    wanted: RoleChange,
    caller: SignedInByPassword,
    people: People,
) -> WorkspaceMember:
    """Give a member another role. There is always an owner; only owners make and change owners."""
    return await people.change_role(caller, workspace_id, member_id, wanted)


@router.delete("/{workspace_id}/members/{member_id}")
async def remove(
    workspace_id: str, member_id: str, caller: SignedInByPassword, people: People
) -> LeftWorkspace:
    """Take a member out of a workspace, or leave it oneself. What they made goes to an owner."""
    return await people.remove(caller, workspace_id, member_id)
