"""How conversations end for good: temporary ones at once, deleted ones when nobody can have them
back any more."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from gateway.blobs import Blobs
from gateway.clock import Clock, utc_now
from gateway.conversations.repository.erasing import ErasingRepository
from gateway.db import Database
from gateway.knowledge.service.attached import forget_attached
from gateway.outbox.service import Bell
from gateway.settings import ConversationLimits
from gateway.turn_stream import TurnStream, TurnStreamUnavailable

log = logging.getLogger(__name__)


class ConversationSweeper:
    """Erases what is over. Every gateway has one; they share the work."""

    def __init__(
        self,
        database: Database,
        stream: TurnStream,
        store: Blobs,
        bell: Bell,
        limits: ConversationLimits,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._stream = stream
        self._store = store
        self._bell = bell
        self._limits = limits
        self._clock = clock

    async def sweep(self) -> int:
        """Erase some of what is due; how many conversations."""
        now, undo = self._clock(), timedelta(days=self._limits.undo_days)
        async with self._database.transaction() as tx:
            erasing = ErasingRepository(tx)
            due = await erasing.due(now, undo)
            unneeded = await forget_attached(tx, [each.id for each in due], now)
            turns = await erasing.erase(due, now) if due else ()
        if due:
            self._bell.ring()
        await forget(self._stream, turns)
        for key in unneeded:
            await self._store.remove(key)
        return len(due)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                while await self.sweep():
                    pass
            except Exception:  # what is over must not stay because a database was away once
                log.exception("ended conversations were not erased")
            await asyncio.sleep(self._limits.sweep_seconds)


async def forget(stream: TurnStream, turn_ids: Sequence[str]) -> None:
    """Take away what the streams of these turns still hold; they forget by themselves in time."""
    try:
        for turn_id in turn_ids:
            await stream.forget(turn_id)
    except TurnStreamUnavailable:
        log.warning("streams of ended conversations were not forgotten")
