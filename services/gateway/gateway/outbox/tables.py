"""Messages waiting to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class OutboxMessage(Identified, Record):
    """A task message written in the same commit as what it is about.

    not_before: when it may leave; later than now for another attempt after a failure.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_unsent", "not_before", postgresql_where="sent_at IS NULL"),)

    name: Mapped[str]
    queue: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expires_seconds: Mapped[int]
    not_before: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
