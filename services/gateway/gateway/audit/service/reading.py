"""The record, for those who run the installation or a workspace."""

from datetime import timedelta

from contracts.audit import AuditRow
from contracts.lists import Page
from gateway.audit.errors import AuditNotYours
from gateway.audit.repository import AuditFilter, AuditRepository
from gateway.audit.tables import AuditEvent
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database
from gateway.paging import PageRequest, as_page
from gateway.policy.rules import may_anywhere, may_in
from gateway.policy.words import Action, Kind


class AuditService:
    """Reads the record, and forgets what the retention says."""

    def __init__(self, database: Database, kept_days: int, clock: Clock = utc_now) -> None:
        self._database = database
        self._kept = timedelta(days=kept_days)
        self._clock = clock

    def sees(self, caller: Caller) -> str | None:
        """The one workspace whose rows the caller sees; None: all. Raises AuditNotYours."""
        if may_anywhere(caller, Action.SEE, Kind.AUDIT):
            return None
        if not may_in(caller, Action.SEE, Kind.AUDIT):
            raise AuditNotYours("Only operators, and a workspace's owners and admins, see this.")
        return caller.workspace_id

    async def rows(self, wanted: AuditFilter, page: PageRequest) -> Page[AuditRow]:
        """One page of it."""
        async with self._database.transaction() as tx:
            repository = AuditRepository(tx)
            rows = await repository.page(wanted, page)
            ids = {row.member_id for row in rows.rows if row.member_id is not None}
            names = await repository.member_names(sorted(ids))
        return as_page(rows, lambda row: _view(row, names), lambda view: view.id)

    async def forget_old(self) -> None:
        """Remove what is older than the retention."""
        async with self._database.transaction() as tx:
            await AuditRepository(tx).forget_before(self._clock() - self._kept)


def _view(row: AuditEvent, names: dict[str, str]) -> AuditRow:
    return AuditRow(
        id=row.id,
        created_at=unix_seconds(row.created_at),
        verdict=row.verdict,
        action=row.action,
        code=row.code,
        object_kind=row.object_kind,
        object_id=row.object_id,
        workspace_id=row.workspace_id,
        member_id=row.member_id,
        member_name=names.get(row.member_id or ""),
        key_id=row.key_id,
        request_id=row.request_id,
        client=row.client,
        words=row.words,
        times=row.times,
    )
