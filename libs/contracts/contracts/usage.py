"""The ledger as people read it. Money is a decimal string plus currency."""

from typing import Literal

from pydantic import BaseModel


class UsageRow(BaseModel):
    """Sums over the ledger rows of one group. Ids of groups not asked for are None."""

    object: Literal["usage.row"] = "usage.row"
    member_id: str | None = None
    assistant_id: str | None = None
    model: str | None = None
    key_id: str | None = None
    day: str | None = None
    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: str
    currency: str


class LedgerRow(BaseModel):
    """One model call, as written once and never changed."""

    id: str
    object: Literal["ledger.row"] = "ledger.row"
    created_at: int
    member_id: str | None
    member_name: str | None
    assistant_id: str | None
    assistant_name: str | None
    key_id: str | None
    conversation_id: str | None
    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: str
    currency: str
    status: Literal["complete", "cancelled", "failed"]
    estimated: bool
