"""Visits of guests."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class GuestVisit(Identified, Record):
    """A guest's stay with one assistant. token_hash: all that is kept of its token.

    door: contracts.doors.DoorKind, with the link or the key where it is one of these. A link that
    is gone leaves none, and its visits are over: the kind says that there was one.
    """

    __tablename__ = "visits"
    __table_args__ = (UniqueConstraint("token_hash"),)

    token_hash: Mapped[str]
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), index=True)
    door: Mapped[str]
    link_id: Mapped[str | None] = mapped_column(
        ForeignKey("links.id", ondelete="SET NULL"), index=True
    )
    key_id: Mapped[str | None] = mapped_column(ForeignKey("keys.id"), index=True)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime] = mapped_column(index=True)
