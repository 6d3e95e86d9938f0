"""Tickets: what the links of letters stand for."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Ticket(Identified, Record):
    """A token that was sent to `email`. purpose: credentials.rules.Purpose; only its hash is kept.

    email: also what a change of address is about to make of it.
    """

    __tablename__ = "tickets"

    purpose: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    email: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
