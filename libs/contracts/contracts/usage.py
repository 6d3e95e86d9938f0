"""The ledger as people read it. Money is a decimal string plus currency."""

from typing import Literal

from pydantic import BaseModel

CallStatus = Literal["complete", "cancelled", "failed"]


class UsageRow(BaseModel):
    """Sums over the ledger rows of one group. Ids of groups not asked for are None.

    day: of the time zone asked for. Names: of groups asked for, as far as the reader may know them.
    """

    object: Literal["usage.row"] = "usage.row"
    member_id: str | None = None
    member_name: str | None = None
    assistant_id: str | None = None
    assistant_name: str | None = None
    model: str | None = None
    key_id: str | None = None
    key_name: str | None = None
    day: str | None = None
    requests: int
    failed: int = 0
    cancelled: int = 0
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: str
    currency: str


class LedgerWorkspace(BaseModel):
    """A workspace whose calls the reader may look at."""

    id: str
    object: Literal["ledger.workspace"] = "ledger.workspace"
    name: str


class PriceSnapshot(BaseModel):
    """What a million tokens cost when a call began."""

    input_per_million: str
    cached_input_per_million: str
    output_per_million: str


class LedgerRow(BaseModel):
    """One model call, as written once and never changed.

    purpose: chat, rewrite, draft, embed_question, embed_document,
    embed_citation or rerank. engine: what ran the model.
    reasoning_tokens: those of the output that nobody was shown.
    """

    id: str
    object: Literal["ledger.row"] = "ledger.row"
    created_at: int
    member_id: str | None
    member_name: str | None
    assistant_id: str | None
    assistant_name: str | None
    assistant_version: int | None = None
    key_id: str | None
    key_name: str | None = None
    conversation_id: str | None
    purpose: str = "chat"
    model: str
    engine: str = ""
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int = 0
    prices: PriceSnapshot
    cost: str
    currency: str
    status: CallStatus
    estimated: bool
    first_token_ms: int | None = None
    total_ms: int | None = None


class ConversationFacts(BaseModel):
    """When a conversation was and how long: nothing that was said in it, its title neither."""

    id: str
    started_at: int
    last_at: int
    turns: int
    is_deleted: bool


class LedgerDetail(LedgerRow):
    """One model call and what it belongs to."""

    object: Literal["ledger.row"] = "ledger.row"
    request_id: str
    workspace_id: str | None
    workspace_name: str | None
    conversation: ConversationFacts | None = None
