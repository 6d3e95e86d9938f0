"""Takes an answer from every allowance of a guest, or from none of them."""

from collections.abc import Sequence

from gateway.allowances.errors import GuestAllowanceReached, GuestsNotAdmitted
from gateway.allowances.repository import AllowanceRepository
from gateway.allowances.rules import (
    Bound,
    bounds_of_guest,
    day_of,
    left_of,
    seconds_to_tomorrow,
)
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.settings import GuestLimits


class AllowanceService:
    """What guests may have on a day. network_key: under which network addresses are hashed."""

    def __init__(self, limits: GuestLimits, network_key: bytes, clock: Clock = utc_now) -> None:
        self._limits = limits
        self._network_key = network_key
        self._clock = clock

    async def take(self, tx: Transaction, caller: Caller) -> None:
        """Count an answer that begins with this commit; nobody but guests is counted.

        To be called last in the transaction that begins it: what is refused later gives its place
        back with the rest. Raises GuestAllowanceReached, and the transaction is to be undone.
        """
        await self.take_all(tx, self._bounds(caller))

    async def take_all(self, tx: Transaction, bounds: Sequence[Bound]) -> None:
        """The same for bounds of the caller's own making, in the order they are always taken in."""
        now = self._clock()
        repository = AllowanceRepository(tx, day_of(now))
        for bound in bounds:
            if not await repository.take(bound):
                raise GuestAllowanceReached(
                    "The free answers of today are used up. There are new ones tomorrow (UTC).",
                    retry_after_seconds=seconds_to_tomorrow(now),
                )

    async def take_now(self, database: Database, caller: Caller) -> None:
        """The same for what begins with no commit: an answer to a page's publishable key, which is
        kept nowhere. What fails later counts. Raises GuestsNotAdmitted, GuestAllowanceReached."""
        bounds = self._bounds(caller)
        if not bounds:
            return
        if not self._limits.admitted:
            raise GuestsNotAdmitted("Guests are not admitted here: sign in to ask.")
        async with database.transaction() as tx:
            await self.take_all(tx, bounds)

    async def left(self, tx: Transaction, caller: Caller) -> int:
        """How many answers a guest may still have today, by the tightest of all bounds."""
        bounds = self._bounds(caller)
        given = await AllowanceRepository(tx, day_of(self._clock())).given(bounds)
        return left_of(bounds, given)

    async def forget_former(self, tx: Transaction) -> None:
        """What was given away on days that are over is not kept."""
        await AllowanceRepository(tx, day_of(self._clock())).forget_former()

    def _bounds(self, caller: Caller) -> list[Bound]:
        return bounds_of_guest(caller, self._limits, self._network_key, day_of(self._clock()))
