"""The audit trail. Rows are only ever added: a trigger of the database refuses anything else."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class AuditEvent(Identified, Record):
    """One act or one refusal (times: or so many alike in one minute). No secret, no content.
    words: the reason that whoever judged over somebody else's work gave.

    Nothing refers to other tables: a row outlives the member and the object it speaks of.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_workspace_id_id", "workspace_id", "id"),
        Index("ix_audit_events_created_at", "created_at"),
    )

    verdict: Mapped[str]
    action: Mapped[str]
    code: Mapped[str | None]
    object_kind: Mapped[str | None]
    object_id: Mapped[str | None]
    workspace_id: Mapped[str | None]
    member_id: Mapped[str | None]
    key_id: Mapped[str | None]
    request_id: Mapped[str | None]
    client: Mapped[str | None]
    words: Mapped[str | None]
    times: Mapped[int] = mapped_column(default=1, server_default=text("1"))
