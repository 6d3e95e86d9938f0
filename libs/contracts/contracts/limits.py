"""Limits a minute as they are set: defaults, and exceptions for somebody."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_A_MINUTE = 1_000_000_000


class LimitScope(StrEnum):
    """Whom a limit counts: each key, member, workspace or client address by itself."""

    KEY = "key"
    MEMBER = "member"
    WORKSPACE = "workspace"
    ADDRESS = "address"


class LimitPut(BaseModel):
    """A limit. subject: whose, an id or a client address; None: everybody's of the scope."""

    model_config = ConfigDict(extra="forbid")

    scope: LimitScope
    subject: str | None = Field(default=None, min_length=1, max_length=100)
    requests_per_minute: int = Field(ge=1, le=MOST_A_MINUTE, strict=True)
    tokens_per_minute: int = Field(ge=1, le=MOST_A_MINUTE, strict=True)


class LimitView(BaseModel):
    """A limit that holds now. is_set: somebody set it; else it is the installation's setting."""

    object: Literal["limit"] = "limit"
    scope: LimitScope
    subject: str | None
    subject_name: str | None
    requests_per_minute: int
    tokens_per_minute: int
    is_set: bool
    updated_at: int | None = None


class LimitRemoved(BaseModel):
    """The default holds again."""

    object: Literal["limit.deleted"] = "limit.deleted"
    scope: LimitScope
    subject: str | None
    deleted: Literal[True] = True
