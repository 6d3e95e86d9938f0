"""Adds to the audit trail, reads it, and forgets what is old enough."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import column, delete, select, table, text

from gateway.audit.rules import REFUSALS, Verdict
from gateway.audit.tables import AuditEvent
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page

# accounts records its acts here, so its tables cannot be imported back.
_MEMBERS = table("members", column("id"), column("name"))
_LETS_OLD_ROWS_GO = text("SELECT set_config('stoa.audit_keeps_from', :moment, true)")


@dataclass(frozen=True)
class AuditFilter:
    """Which rows are asked for. workspace_id None: of all."""

    workspace_id: str | None
    is_refusal: bool | None = None
    action: str | None = None
    member_id: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditRepository:
    """The audit trail inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, event: AuditEvent) -> None:
        """Make it part of this transaction."""
        self._tx.add(event)

    async def page(self, wanted: AuditFilter, page: PageRequest) -> Rows[AuditEvent]:
        """The rows that match."""
        query = select(AuditEvent)
        if wanted.is_refusal is not None:
            verdicts = REFUSALS if wanted.is_refusal else (Verdict.DONE,)
            query = query.where(AuditEvent.verdict.in_([verdict.value for verdict in verdicts]))
        exact = {
            AuditEvent.workspace_id: wanted.workspace_id,
            AuditEvent.action: wanted.action,
            AuditEvent.member_id: wanted.member_id,
            AuditEvent.request_id: wanted.request_id,
        }
        for field, value in exact.items():
            if value is not None:
                query = query.where(field == value)
        if wanted.since is not None:
            query = query.where(AuditEvent.created_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AuditEvent.created_at < wanted.until)
        return await fetch_page(self._tx, query, AuditEvent.id, page)

    async def member_names(self, member_ids: list[str]) -> dict[str, str]:
        """member id -> name, of those that are still there."""
        query = select(_MEMBERS.c.id, _MEMBERS.c.name).where(_MEMBERS.c.id.in_(member_ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def forget_before(self, moment: datetime) -> None:
        """Remove what is older. The trigger lets nothing younger go, whatever is asked."""
        await self._tx.execute(_LETS_OLD_ROWS_GO, {"moment": moment.isoformat()})
        await self._tx.execute(delete(AuditEvent).where(AuditEvent.created_at < moment))
