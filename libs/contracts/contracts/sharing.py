"""With whom assistants and collections are shared, and the groups that may be named there."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.accounts import Power

MOST_GRANTEES = 500


class GrantPower(StrEnum):
    """What a grant lets do. use: ask an assistant; let assistants read a collection.

    edit: change it, but neither share nor delete it; holds `use`. download: of a collection,
    list and read what is in it, search it and fetch its files.
    """

    USE = "use"
    EDIT = "edit"
    DOWNLOAD = "download"


AssistantPower = Literal[GrantPower.USE, GrantPower.EDIT]
CollectionVisibility = Literal["private", "workspace"]
"""Who may read a collection besides its owner, its grantees and those who run the workspace."""


class AssistantGrantee(BaseModel):
    """A member or a group, and what they may do with an assistant."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100)
    powers: list[AssistantPower] = Field(min_length=1, max_length=2)


class CollectionGrantee(BaseModel):
    """A member or a group, and what they may do with a collection."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100)
    powers: list[GrantPower] = Field(min_length=1, max_length=3)


class CollectionSharing(BaseModel):
    """Change who may read a collection. Lists that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    visibility: CollectionVisibility
    members: list[CollectionGrantee] | None = Field(default=None, max_length=MOST_GRANTEES)
    groups: list[CollectionGrantee] | None = Field(default=None, max_length=MOST_GRANTEES)


class AssistantGrant(BaseModel):
    """What one member or group may do with an assistant, beside what they may already."""

    model_config = ConfigDict(extra="forbid")

    powers: list[AssistantPower] = Field(min_length=1, max_length=2)


class CollectionGrant(BaseModel):
    """What one member or group may do with a collection, beside what they may already."""

    model_config = ConfigDict(extra="forbid")

    powers: list[GrantPower] = Field(min_length=1, max_length=3)


class GranteeView(BaseModel):
    """A member or a group with whom something is shared."""

    id: str
    name: str
    powers: list[GrantPower]


class SharingView(BaseModel):
    """With whom something is shared, as those who may change that see it."""

    object: Literal["sharing"] = "sharing"
    visibility: str
    members: list[GranteeView]
    groups: list[GranteeView]


GroupName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]


class GroupCreate(BaseModel):
    """Make a group of members of the workspace."""

    model_config = ConfigDict(extra="forbid")

    name: GroupName
    members: list[str] = Field(default_factory=list, max_length=MOST_GRANTEES)


class GroupModify(BaseModel):
    """Give a group another name."""

    model_config = ConfigDict(extra="forbid")

    name: GroupName


class GroupView(BaseModel):
    """A group."""

    id: str
    object: Literal["group"] = "group"
    name: str
    member_count: int
    created_at: int


class Colleague(BaseModel):
    """A member of the workspace, as everybody there who may share something sees them."""

    id: str
    object: Literal["member"] = "member"
    name: str
    power: Power
