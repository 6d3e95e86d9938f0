"""Administrative acts, recorded in the transaction that does them: both are there, or neither."""

from contracts.ids import new_id
from gateway.audit.repository import AuditRepository
from gateway.audit.rules import Act, Verdict, client_of_task, recorded_id
from gateway.audit.tables import AuditEvent
from gateway.caller import Caller
from gateway.db import Transaction
from runtime.logs import request_id_of_task


class Acts:
    """The acts of one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def record(
        self, act: Act, by: Caller, object_id: str | None, workspace_id: str | None = None
    ) -> None:
        """`by` did this. workspace_id: where, when it was not in the caller's own."""
        where = workspace_id or by.workspace_id
        self._add(_event(act, object_id, where, by.member_id, by.key_id))

    def record_judgement(self, act: Act, by: Caller, object_id: str, words: str) -> None:
        """`by` judged over somebody else's work. words: the reason they gave."""
        event = _event(act, object_id, by.workspace_id, by.member_id, by.key_id)
        event.words = words or None
        self._add(event)

    def record_member(
        self, act: Act, member_id: str | None, object_id: str | None, workspace_id: str | None
    ) -> None:
        """Somebody who holds no session yet did this: signing in, joining, a reset."""
        self._add(_event(act, object_id, workspace_id, member_id, None))

    def _add(self, event: AuditEvent) -> None:
        AuditRepository(self._tx).add(event)


def _event(
    act: Act,
    object_id: str | None,
    workspace_id: str | None,
    member_id: str | None,
    key_id: str | None,
) -> AuditEvent:
    return AuditEvent(
        id=new_id("aud_"),
        verdict=Verdict.DONE.value,
        action=act.value,
        object_kind=act.object_kind,
        object_id=recorded_id(object_id),
        workspace_id=workspace_id,
        member_id=member_id,
        key_id=key_id,
        request_id=request_id_of_task.get(),
        client=client_of_task.get(),
    )
