"""The task beside each gateway that keeps the roll-ups up to date."""

import asyncio
import logging

from gateway.db import Database
from gateway.reporting.repository.collecting import CollectingRepository

log = logging.getLogger(__name__)

BATCH = 5_000
POLL_SECONDS = 2.0


class UsageCollector:
    """Adds new ledger rows to the sums. Of several gateways one at a time does, and none must:
    a row leaves the queue in the commit that adds it, so a crash loses and doubles nothing."""

    def __init__(self, database: Database, batch: int = BATCH) -> None:
        self._database = database
        self._batch = batch

    async def run(self) -> None:
        """Collect until cancelled. A database that is away is waited for."""
        while True:
            try:
                if await self.collect() == self._batch:
                    continue
            except Exception:  # whatever it was, sums that stand still would be worse
                log.exception("usage could not be added up")
            await asyncio.sleep(POLL_SECONDS)

    async def collect(self) -> int:
        """Add up one batch; 0 when nothing waits or another gateway is at it."""
        async with self._database.transaction() as tx:
            repository = CollectingRepository(tx)
            if not await repository.waiting() or not await repository.is_alone():
                return 0
            return await repository.collect(self._batch)
