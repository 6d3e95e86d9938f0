"""Snapshots of conversations, behind links."""

from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Share(Identified, Record):
    """A snapshot of the branch that was shown. token_hash: all that is kept of its token.

    message_id: the answer it ends with; whoever erases that, erases the snapshot.
    messages: shares.rules.KeptMessage, without the words of any document.
    """

    __tablename__ = "shares"
    __table_args__ = (UniqueConstraint("token_hash"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str]
    assistant_name: Mapped[str]
    message_count: Mapped[int]
    messages: Mapped[list[Any]] = mapped_column(JSONB)
