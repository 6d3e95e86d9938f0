"""Refused authorisations, each in a transaction of its own: nothing else was written."""

import asyncio
import logging
from dataclasses import dataclass

from contracts.ids import new_id
from gateway.audit.repository import AuditRepository
from gateway.audit.rules import FloodGate, Flooding, Verdict, recorded_id
from gateway.audit.tables import AuditEvent
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.settings import AuditLimits

log = logging.getLogger(__name__)

_FLUSH_SECONDS = 60.0


@dataclass(frozen=True)
class RefusedRequest:
    """What is known of a request that was refused."""

    verdict: Verdict
    action: str
    code: str
    object_kind: str | None
    object_id: str | None
    caller: Caller | None
    client: str | None
    request_id: str | None


class RefusalRecorder:
    """Writes a row for each refusal; of a flood, some and then how many more there were."""

    def __init__(self, database: Database, limits: AuditLimits, clock: Clock = utc_now) -> None:
        self._database = database
        self._gate = FloodGate(limits.rows_per_client_minute, limits.rows_per_minute)
        self._clock = clock

    async def record(self, refused: RefusedRequest) -> None:
        """Keep it. A database that is away does not turn a refusal into anything else."""
        flooding = Flooding(refused.client, refused.action, refused.verdict)
        minute = int(self._clock().timestamp() // 60)
        if not self._gate.passes(flooding, minute):
            return
        caller = refused.caller
        await self._write(
            AuditEvent(
                id=new_id("aud_"),
                verdict=refused.verdict.value,
                action=refused.action,
                code=refused.code,
                object_kind=refused.object_kind,
                object_id=recorded_id(refused.object_id),
                workspace_id=None if caller is None else caller.workspace_id,
                member_id=None if caller is None else caller.member_id,
                key_id=None if caller is None else caller.key_id,
                request_id=refused.request_id,
                client=refused.client,
                times=1,
            )
        )

    async def run(self) -> None:
        """Write what was only counted, once a minute, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """One row for all the refusals alike that got none of their own."""
        held = self._gate.drained()
        if held:
            await self._write(*(_counted(flooding, times) for flooding, times in held.items()))

    async def _write(self, *events: AuditEvent) -> None:
        try:
            async with self._database.transaction() as tx:
                for event in events:
                    AuditRepository(tx).add(event)
        except Exception:  # whatever it was: the refusal itself must reach the caller
            facts = {"refusals": sum(event.times for event in events)}
            log.exception("refusals were not recorded", extra={"facts": facts})


def _counted(flooding: Flooding, times: int) -> AuditEvent:
    return AuditEvent(
        id=new_id("aud_"),
        verdict=flooding.verdict.value,
        action=flooding.action,
        client=flooding.client,
        times=times,
    )
