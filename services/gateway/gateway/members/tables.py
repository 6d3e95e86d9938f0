"""Invites."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class Invite(Identified, Record):
    """An offer to one e-mail address. Only the SHA-256 of the token is kept.

    ended_at: when it was used or revoked. accepted_by: who used it.
    """

    __tablename__ = "invites"
    __table_args__ = (
        CheckConstraint("(workspace_id IS NULL) <> (new_workspace IS NULL)", name="one_workspace"),
    )

    token_hash: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    power: Mapped[str]
    workspace_id: Mapped[str | None] = mapped_column(ForeignKey("workspaces.id"), index=True)
    new_workspace: Mapped[str | None]
    invited_by: Mapped[str] = mapped_column(ForeignKey("members.id"))
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(ForeignKey("members.id"))
