"""Groups, and the members one can share with, on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.lists import Deleted, Page
from contracts.sharing import Colleague, GroupCreate, GroupModify, GroupView
from gateway.caller import Caller
from gateway.groups.service import GroupService
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["groups"])
Groups = Annotated[GroupService, provided(GroupService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]


@router.get("/members")
async def colleagues(caller: Reader, page: Paging, groups: Groups) -> Page[Colleague]:
    """Who is in the workspace, by name: whom one can share with."""
    return await groups.colleagues(caller, page)


@router.post("/groups", status_code=201)
async def create(wanted: GroupCreate, caller: Manager, groups: Groups) -> GroupView:
    """Make a group."""
    return await groups.create(caller, wanted)


@router.get("/groups")
async def list_groups(caller: Reader, page: Paging, groups: Groups) -> Page[GroupView]:
    """The groups of the workspace."""
    return await groups.list(caller, page)


@router.get("/groups/{group_id}")
async def get(group_id: str, caller: Reader, groups: Groups) -> GroupView:
    """One group."""
    return await groups.get(caller, group_id)


@router.post("/groups/{group_id}")
@router.patch("/groups/{group_id}")
async def rename(group_id: str, changes: GroupModify, caller: Manager, groups: Groups) -> GroupView:
    """Give a group another name."""
    return await groups.rename(caller, group_id, changes)


@router.delete("/groups/{group_id}")
async def delete(group_id: str, caller: Manager, groups: Groups) -> Deleted:
    """Delete a group, and what was shared with it as a group."""
    return await groups.delete(caller, group_id)


@router.get("/groups/{group_id}/members")
async def members(group_id: str, caller: Reader, page: Paging, groups: Groups) -> Page[Colleague]:
    """Who is in a group."""
    return await groups.colleagues(caller, page, group_id)


@router.put("/groups/{group_id}/members/{member_id}")
async def put(group_id: str, member_id: str, caller: Manager, groups: Groups) -> GroupView:
    """Take a member of the workspace into a group."""
    return await groups.put(caller, group_id, member_id)


@router.delete("/groups/{group_id}/members/{member_id}")
async def take_out(group_id: str, member_id: str, caller: Manager, groups: Groups) -> GroupView:
    """Take a member out of a group."""
    return await groups.take_out(caller, group_id, member_id)
