"""Ways to an assistant from outside its workspace: links, widgets, the store; and who comes in.

A door is named by what a visitor holds: the token of a link (`lnk-stoa-…`), a publishable key
(`pk-stoa-…`), or the slug of a public assistant.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.avatars import AvatarHash
from contracts.definitions import Accent, Variable


class DoorKind(StrEnum):
    """link: whoever has it. widget: pages of the web sites that a publishable key names.
    public: everybody."""

    LINK = "link"
    WIDGET = "widget"
    PUBLIC = "public"


class DoorView(BaseModel):
    """What anybody who holds a door's name may know: the published face of one assistant.

    admits_guests: people who are not signed in may ask, within an allowance. origins: the web
    sites that may show a widget; of other doors none. variables: what it asks for at the start.
    """

    object: Literal["door"] = "door"
    kind: DoorKind
    assistant_id: str
    slug: str
    name: str
    description: str
    starters: list[str] = Field(default_factory=list)
    avatar: AvatarHash | None = None
    accent: Accent | None = None
    variables: list[Variable] = Field(default_factory=list)
    admits_guests: bool
    origins: list[str] = Field(default_factory=list)


class VisitView(BaseModel):
    """A guest's stay with one assistant. answers_left: of today, by the tightest of all bounds."""

    object: Literal["visit"] = "visit"
    door: DoorView
    expires_at: int
    answers_left: int


class VisitCreated(VisitView):
    """A stay just begun: the only time that its token is seen. It goes into
    `Authorization: Bearer`, and opens this one assistant and what the guest says to it."""

    token: str


class LinkCreate(BaseModel):
    """Make a link by which whoever has it may ask an assistant. expires_at: None: until revoked."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=100)
    expires_at: int | None = None


class LinkView(BaseModel):
    """A link to an assistant, for those who share it. visitors: how many came by it, signed in or
    not. Its token is never seen again."""

    id: str
    object: Literal["assistant.link"] = "assistant.link"
    assistant_id: str
    name: str
    visitors: int = 0
    created_at: int
    created_by: str
    expires_at: int | None = None


class LinkCreated(LinkView):
    """A link just made: the only time that its token is seen."""

    token: str
    link: str
