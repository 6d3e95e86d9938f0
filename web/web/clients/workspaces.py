"""Workspaces, and who is what in them."""

from contracts.accounts import Power, SessionChange, SessionView
from contracts.invites import MemberStanding, WorkspaceMember
from contracts.lists import Page
from contracts.workspaces import LeftWorkspace, RoleChange, WorkspaceInfo, WorkspaceName
from web.clients.gateway import Gateway

_ALL = "/v1/workspaces"


class Workspaces:
    """Where one works."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def all(self, token: str) -> list[WorkspaceInfo]:
        """The workspaces one is in."""
        return (await self._gateway.get(Page[WorkspaceInfo], token, _ALL)).data

    async def switch(self, token: str, workspace_id: str) -> SessionView:
        """Work in another one; the session's token is a new one."""
        change = SessionChange(workspace_id=workspace_id or "none")
        return await self._gateway.put(SessionView, token, "/v1/sessions/current", change)

    async def create(self, token: str, wanted: WorkspaceName) -> WorkspaceInfo:
        """Make one."""
        return await self._gateway.post(WorkspaceInfo, token, _ALL, wanted)

    async def rename(self, token: str, workspace_id: str, wanted: WorkspaceName) -> WorkspaceInfo:
        """Name one."""
        return await self._gateway.patch(WorkspaceInfo, token, f"{_ALL}/{workspace_id}", wanted)

    async def change_role(
        self, token: str, workspace_id: str, member_id: str, role: Power
    ) -> WorkspaceMember:
        """Give somebody another role."""
        path = f"{_ALL}/{workspace_id}/members/{member_id}"
        return await self._gateway.patch(WorkspaceMember, token, path, RoleChange(role=role))

    async def remove(self, token: str, workspace_id: str, member_id: str) -> None:
        """Take somebody out, or oneself."""
        path = f"{_ALL}/{workspace_id}/members/{member_id}"
        await self._gateway.delete(LeftWorkspace, token, path)

    async def suspend(self, token: str, member_id: str, *, is_suspended: bool) -> None:
        """Shut somebody out of the installation, or let them in again."""
        verb = "suspend" if is_suspended else "reinstate"
        path = f"/v1/admin/members/{member_id}/{verb}"
        await self._gateway.post(MemberStanding, token, path)
