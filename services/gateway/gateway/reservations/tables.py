"""Calls under way."""

from datetime import datetime

from sqlalchemy import Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Record


class Reservation(Record):
    """What a call under way may cost at most, and all that its ledger row would need.

    The row is there while the call runs. Whoever deletes it settles the call: its own process, or
    any gateway's sweeper once the process has not renewed it for a while. used_*: the engine's
    running count when it was last renewed; None: nothing had been heard. prompt_tokens: the
    gateway's own count, before.
    """

    __tablename__ = "reservations"
    __table_args__ = (Index("ix_reservations_renewed_at", "renewed_at"),)

    request_id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    workspace_id: Mapped[str]
    member_id: Mapped[str | None]
    assistant_id: Mapped[str | None]
    assistant_version: Mapped[int | None]
    key_id: Mapped[str | None]
    conversation_id: Mapped[str | None]
    model: Mapped[str]
    engine: Mapped[str]
    currency: Mapped[str]
    price_input_pico: Mapped[int]
    price_cached_input_pico: Mapped[int]
    price_output_pico: Mapped[int]
    prompt_tokens: Mapped[int]
    amount_pico: Mapped[int] = mapped_column(Numeric(38, 0))
    used_input_tokens: Mapped[int | None]
    used_cached_tokens: Mapped[int | None]
    used_output_tokens: Mapped[int | None]
    created_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
