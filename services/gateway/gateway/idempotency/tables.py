"""Answers kept by idempotency key, for a day."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class IdempotentRequest(Identified, Record):
    """A request under a key. id: derived from the caller's token and the key, tells neither.

    answer: None while the request is being answered; sealed. claim: who answers it.
    lease_until: after this the answerer counts as dead, and the request may run again.
    """

    __tablename__ = "idempotent_requests"
    __table_args__ = (Index("ix_idempotent_requests_expires_at", "expires_at"),)

    claim: Mapped[str]
    lease_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    fingerprint: Mapped[str | None]
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
