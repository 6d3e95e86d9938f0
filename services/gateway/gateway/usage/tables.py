"""The ledger: append-only, one row a model call."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class LedgerEntry(Identified, Record):
    """A model call. Amounts are integers of 10⁻¹² of the currency, so sums are exact.

    Rows are only ever added; the database refuses anything else. request_id is unique: a call is
    written once however often writing is tried. price_*: the price at the time, in pico-units per
    token. corrects: the row whose numbers this one changes; its own are the difference.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint(
            "corrects IS NOT NULL OR (input_tokens >= 0 AND output_tokens >= 0)",
            name="tokens_not_negative",
        ),
        Index("ix_ledger_workspace_id_created_at", "workspace_id", "created_at"),
        Index("ix_ledger_created_at", "created_at"),
        Index("ix_ledger_member_id_created_at", "member_id", "created_at"),
        Index("ix_ledger_assistant_id_created_at", "assistant_id", "created_at"),
        Index(
            "ix_ledger_key_id_created_at",
            "key_id",
            "created_at",
            postgresql_where="key_id IS NOT NULL",
        ),
        Index(
            "ix_ledger_conversation_id_created_at",
            "conversation_id",
            "created_at",
            postgresql_where="conversation_id IS NOT NULL",
        ),
    )

    request_id: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("members.id"))
    assistant_id: Mapped[str | None] = mapped_column(ForeignKey("assistants.id"))
    assistant_version: Mapped[int | None]
    key_id: Mapped[str | None] = mapped_column(ForeignKey("keys.id"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    model: Mapped[str]
    engine: Mapped[str]
    input_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    output_tokens: Mapped[int]
    reasoning_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    estimated: Mapped[bool] = mapped_column(default=False)
    corrects: Mapped[str | None] = mapped_column(ForeignKey("ledger.id"))
    status: Mapped[str]
    currency: Mapped[str]
    price_input_pico: Mapped[int]
    price_cached_input_pico: Mapped[int]
    price_output_pico: Mapped[int]
    amount_pico: Mapped[int] = mapped_column(Numeric(38, 0))
    first_token_ms: Mapped[int | None]
    total_ms: Mapped[int | None]
