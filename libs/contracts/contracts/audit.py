"""The audit trail as people read it."""

from typing import Literal

from pydantic import BaseModel


class AuditRow(BaseModel):
    """An administrative act (verdict `done`), or a refusal.

    times: above 1 when refusals alike came too fast to be written one by one. member_name is
    None of somebody who is gone, and of nobody. words: the reason a moderator
    gave.
    """

    id: str
    object: Literal["audit.row"] = "audit.row"
    created_at: int
    verdict: str
    action: str
    code: str | None
    object_kind: str | None
    object_id: str | None
    workspace_id: str | None
    member_id: str | None
    member_name: str | None
    key_id: str | None
    request_id: str | None
    client: str | None
    words: str | None = None
    times: int
