"""Invites: how a person gets into a workspace that is there, or becomes the owner of a new one."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from contracts.accounts import Power

_EMAIL = r"^[^@\s]+@[^@\s]+$"


class InviteCreate(BaseModel):
    """Invite a person. Without a workspace it is the caller's own.

    new_workspace: the name of a workspace that is made when the person comes; they are its owner.
    """

    model_config = ConfigDict(extra="forbid")

    email: str = Field(min_length=3, max_length=254, pattern=_EMAIL)
    role: Power = Power.MEMBER
    workspace_id: str | None = Field(default=None, max_length=100)
    new_workspace: str | None = Field(default=None, min_length=1, max_length=100)

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.new_workspace is not None and self.workspace_id is not None:
            raise ValueError("give workspace_id or new_workspace, not both")
        if (self.role is Power.OWNER) != (self.new_workspace is not None):
            raise ValueError("the role owner and new_workspace belong together")
        return self


class InviteView(BaseModel):
    """An invite without its token: what may be shown again."""

    id: str
    object: str = "invite"
    email: str
    role: Power
    workspace_id: str | None
    workspace_name: str
    invited_by: str
    created_at: int
    expires_at: int


class InviteCreated(InviteView):
    """An invite just made: the only time its token and link are seen."""

    token: str
    link: str


class InviteToken(BaseModel):
    """An invite's token, in a body: addresses end up in logs."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=200)


class InviteSignIn(BaseModel):
    """Accept an invite with an account that is there: its password comes along, so that a person
    who is in no workspace (any more) can do it too."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=200)
    password: SecretStr = Field(max_length=200)


class InviteOffer(BaseModel):
    """What the holder of an invite may know before they come."""

    object: str = "invite.offer"
    email: str
    role: Power
    workspace_name: str
    has_account: bool
    expires_at: int


class MemberStanding(BaseModel):
    """Whether a member may come in."""

    id: str
    object: str = "member.standing"
    is_suspended: bool


class WorkspaceMember(BaseModel):
    """A person in a workspace, as those who run it see them."""

    id: str
    object: str = "workspace.member"
    email: str
    name: str
    role: Power
    workspace_id: str
    workspace_name: str
    is_operator: bool
    is_suspended: bool = False
    is_pending: bool = False
    joined_at: int
