"""Workspaces, and who is in them."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.accounts import Power


class WorkspaceName(BaseModel):
    """What a workspace is called: a new one, or from now on."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)


class WorkspaceInfo(BaseModel):
    """A workspace of the caller's, and what they are in it. is_current: their session works here.

    is_own: nobody else is in it.
    """

    id: str
    object: str = "workspace"
    name: str
    role: Power
    is_current: bool
    is_own: bool
    created_at: int


class RoleChange(BaseModel):
    """Another role in the workspace."""

    model_config = ConfigDict(extra="forbid")

    role: Power


class LeftWorkspace(BaseModel):
    """Somebody is out. handed_to: the member who has their assistants and collections now."""

    id: str
    object: str = "workspace.member.deleted"
    deleted: bool = True
    handed_to: str | None = None
