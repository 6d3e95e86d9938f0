"""Who answers a request under a key, and what was answered to it."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.idempotency.errors import IdempotencyInFlight
from gateway.idempotency.repository import Claim, IdempotencyRepository
from gateway.idempotency.rules import KeptAnswer, Seal
from gateway.settings import IdempotencyLimits
from runtime.background import Background

log = logging.getLogger(__name__)

_ATTEMPTS = 3
_RETRY_SECONDS = 1


@dataclass(frozen=True)
class Kept:
    """The request was answered before."""

    fingerprint: str
    answer: KeptAnswer


class IdempotencyService:
    """Claims, keeps, gives up. Times are the database's rows', so any gateway may take over."""

    def __init__(
        self,
        database: Database,
        limits: IdempotencyLimits,
        background: Background,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._lease = timedelta(seconds=limits.lease_seconds)
        self._kept_for = timedelta(seconds=limits.kept_seconds)
        self._background = background
        self._clock = clock
        self.answer_bytes = limits.answer_bytes

    async def begin(self, seal: Seal) -> Claim | Kept:
        """The right to answer, or the answer there is. Raises IdempotencyInFlight."""
        claim = Claim(seal.entry_id, secrets.token_hex(8))
        for _ in range(_ATTEMPTS):
            now = self._clock()
            async with self._database.transaction() as tx:
                repository = IdempotencyRepository(tx)
                if await repository.claim(claim, now, now + self._lease, now + self._kept_for):
                    return claim
                entry = await repository.find(claim.entry_id)
                if entry is not None and entry.answer is not None:
                    return Kept(entry.fingerprint or "", seal.open(entry.answer))
            if entry is not None:
                break
            # It was given up between the two statements: it is free now.
        raise IdempotencyInFlight(
            "A request with this Idempotency-Key is still being answered.",
            retry_after_seconds=_RETRY_SECONDS,
        )

    @asynccontextmanager
    async def answering(self, claim: Claim) -> AsyncIterator[None]:
        """Hold the claim while the answer is made; whatever was not kept by then is given up."""
        renewing = self._background.start(self._renewed(claim), name="idempotency lease")
        try:
            yield
        finally:
            renewing.cancel()
            # A reader who left takes this task's right to wait along.
            await asyncio.shield(self._background.start(self.give_up(claim), name="release"))

    async def keep(self, claim: Claim, seal: Seal, fingerprint: str, answer: KeptAnswer) -> None:
        """Keep the answer: from here on the request is never run again."""
        sealed = seal.seal(answer)
        async with self._database.transaction() as tx:
            await IdempotencyRepository(tx).keep(claim, fingerprint, sealed)

    async def give_up(self, claim: Claim) -> None:
        """Free the key of an answer that was not kept; a kept one stays."""
        async with self._database.transaction() as tx:
            await IdempotencyRepository(tx).release(claim)

    async def sweep(self) -> None:
        """Forget what is old."""
        async with self._database.transaction() as tx:
            await IdempotencyRepository(tx).forget_old(self._clock())

    async def _renewed(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                async with self._database.transaction() as tx:
                    await IdempotencyRepository(tx).renew(claim, self._clock() + self._lease)
            except Exception:
                # The lease outlives two missed renewals; the answer itself may still succeed.
                log.exception("an idempotency lease was not renewed")
