"""Keeps this process's reservations alive, and settles those of processes that are gone."""

import asyncio
import logging
from collections.abc import Callable

from contracts.generation import EngineUsage
from gateway.db import Database
from gateway.reservations.repository import ReservationRepository
from gateway.reservations.service.reserving import ReservationService
from gateway.settings import MoneyLimits

log = logging.getLogger(__name__)

Count = Callable[[], EngineUsage | None]
"""What a call has used so far, by the engine's running count."""


class ReservationKeeper:
    """Renews the reservations of calls under way, with what they used so far."""

    def __init__(self, database: Database, limits: MoneyLimits) -> None:
        self._database = database
        self._limits = limits
        self._counts: dict[str, Count] = {}

    def watch(self, request_id: str, count: Count) -> None:
        """Renew it from now on."""
        self._counts[request_id] = count

    def forget(self, request_id: str) -> None:
        """It is settled, or nobody's."""
        self._counts.pop(request_id, None)

    async def renew(self) -> None:
        """Say once that all of them go on."""
        used = {request_id: count() for request_id, count in self._counts.items()}
        if used:
            async with self._database.transaction() as tx:
                await ReservationRepository(tx).renew(used)

    async def run(self) -> None:
        """Renew until cancelled. A database that is away is waited for."""
        while True:
            await asyncio.sleep(self._limits.renew_seconds)
            try:
                await self.renew()
            except Exception:  # whatever it was, calls under way go on
                log.exception("reservations were not renewed")


class ReservationSweeper:
    """Charges what processes left behind. Every gateway has one; they share the work."""

    def __init__(self, reservations: ReservationService, limits: MoneyLimits) -> None:
        self._reservations = reservations
        self._limits = limits

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                if swept := await self._reservations.sweep(self._limits.abandoned_seconds):
                    log.warning("%s calls of processes that are gone were charged", swept)
            except Exception:  # a dead sweeper would leave money held for ever
                log.exception("reservations were not swept")
            await asyncio.sleep(self._limits.sweep_seconds)
