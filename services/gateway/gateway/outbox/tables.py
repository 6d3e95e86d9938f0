"""Messages waiting to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class OutboxMessage(Identified, Record):
    """A task message written in the same commit as what it is about."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_unsent", "id", postgresql_where="sent_at IS NULL"),)

    name: Mapped[str]
    queue: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expires_seconds: Mapped[int]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
