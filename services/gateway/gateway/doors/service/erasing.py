"""How guests are forgotten: at once when they wish it, else days after they were there last."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contracts.lists import Deleted
from gateway.allowances.service import AllowanceService
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.conversations.repository.turns import TurnRepository
from gateway.conversations.service.ending import forget
from gateway.db import Database, Transaction
from gateway.doors.errors import NoVisit
from gateway.doors.repository import VisitRepository
from gateway.doors.tables import GuestVisit
from gateway.leaving.repository import EraserRepository
from gateway.settings import GuestLimits
from gateway.turn_stream import TurnStream

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EraserParts:
    """What erasing works with."""

    database: Database
    stream: TurnStream
    allowances: AllowanceService
    limits: GuestLimits
    clock: Clock = utc_now


class GuestEraser:
    """Ends visits for good. Every gateway has one; they share the work."""

    def __init__(self, parts: EraserParts) -> None:
        self._parts = parts

    async def leave(self, caller: Caller) -> Deleted:
        """End a guest's visit, and erase all they said. Raises NoVisit."""
        visit_id = None if caller.stay is None else caller.stay.visit_id
        if visit_id is None:
            raise NoVisit("Members have no visit.")
        async with self._parts.database.transaction() as tx:
            visit = await VisitRepository(tx).held(visit_id)
            # Of two calls at once the second finds nothing, and has nothing to do.
            turns = [] if visit is None else await self._erased(tx, visit)
        await forget(self._parts.stream, turns)
        return Deleted(id=visit_id, object="visit.deleted")

    async def sweep(self) -> int:
        """Erase some guests who were not there for long; how many."""
        now, turns = self._parts.clock(), list[str]()
        kept = timedelta(days=self._parts.limits.kept_days)
        async with self._parts.database.transaction() as tx:
            due = await VisitRepository(tx).unused_since(now - kept)
            for visit in due:
                turns += await self._erased(tx, visit)
            await self._parts.allowances.forget_former(tx)
        await forget(self._parts.stream, turns)
        return len(due)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                while await self.sweep():
                    pass
            except Exception:  # what is over must not stay because a database was away once
                log.exception("guests who are gone were not erased")
            await asyncio.sleep(self._parts.limits.sweep_seconds)

    async def _erased(self, tx: Transaction, visit: GuestVisit) -> Sequence[str]:
        """Visit, talks and guest; what stays are bare rows that the ledger names. The turns."""
        eraser, guest = EraserRepository(tx, self._parts.clock()), visit.member_id
        turns = await TurnRepository(tx).of_member(guest)
        await eraser.conversations(member_id=guest)
        await eraser.member(guest, "")
        await VisitRepository(tx).remove(visit)
        return turns
