"""Reserves what a call may cost, and settles it: exactly once, whoever comes first."""

from zoneinfo import ZoneInfo

from gateway.budgets.service.bounding import Treasury
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.payer import Payer
from gateway.reservations.repository import ReservationRepository
from gateway.reservations.rules import PlannedCall
from gateway.reservations.service.rows import estimated, payer_of
from gateway.usage.charging import CalledModel, Charging, ModelCall
from gateway.usage.rules import TokenPrice

_SWEPT_AT_ONCE = 200


class ReservationService:
    """Calls under way and their money. zone: where budgets' days and months begin."""

    def __init__(self, database: Database, zone: ZoneInfo, clock: Clock = utc_now) -> None:
        self._database = database
        self._zone = zone
        self._clock = clock

    async def check(self, payer: Payer, model: CalledModel) -> None:
        """Refuse early what `reserve` would surely refuse. Raises BudgetReached."""
        if model.price == TokenPrice(0, 0, 0):
            return
        async with self._database.transaction() as tx:
            await Treasury(tx, self._zone).check(payer, model.currency, self._clock())

    async def reserve(self, call: PlannedCall) -> None:
        """Hold what the call may cost, until it is settled or released. Raises BudgetReached."""
        now = self._clock()
        async with self._database.transaction() as tx:
            treasury = Treasury(tx, self._zone)
            await treasury.hold(call.payer, call.model.currency, call.amount_pico, now)
            ReservationRepository(tx).add(call, now)

    async def settle(self, call: ModelCall) -> None:
        """Charge a call that was reserved. Done again, nothing changes.

        A sweeper may have taken this process for dead and charged an estimate: then what it was
        wrong by is written beside it.
        """
        async with self._database.transaction() as tx:
            held = await ReservationRepository(tx).take(call.request_id)
            charging = Charging(tx, self._zone)
            if held is not None:
                await charging.charge(call, held.created_at, int(held.amount_pico))
            else:
                await charging.correct(call, self._clock())

    async def release(self, request_id: str) -> None:
        """Let go of a call that was never made."""
        async with self._database.transaction() as tx:
            held = await ReservationRepository(tx).take(request_id)
            if held is not None:
                await Treasury(tx, self._zone).settle(
                    payer_of(held),
                    held.currency,
                    held.created_at,
                    held_pico=int(held.amount_pico),
                    spent_pico=0,
                )

    async def record(self, call: ModelCall) -> None:
        """Charge a call that is too small to be reserved. Recorded again, nothing changes."""
        async with self._database.transaction() as tx:
            await Charging(tx, self._zone).charge(call, self._clock())

    async def sweep(self, abandoned_seconds: float) -> int:
        """Charge the calls of processes that are gone, by the last count they noted."""
        swept = 0
        while swept < _SWEPT_AT_ONCE:
            # One at a time: two calls' sums, locked in one transaction, could wait for each other.
            async with self._database.transaction() as tx:
                held = await ReservationRepository(tx).take_abandoned(abandoned_seconds)
                if held is None:
                    break
                charging = Charging(tx, self._zone)
                await charging.charge(estimated(held), held.created_at, int(held.amount_pico))
            swept += 1
        return swept
