"""A bounded queue in front of an engine: what does not fit is refused early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from inference.errors import EngineBusy

RETRY_AFTER_SECONDS = 5


class Admission:
    """As many answers at once as the engine has slots; some wait in line, the rest is refused."""

    def __init__(self, slots: int, waiting_limit: int, waiting_seconds: float) -> None:
        self._free = asyncio.Semaphore(slots)
        self._running = 0
        self._waiting = 0
        self._waiting_limit = waiting_limit
        self._waiting_seconds = waiting_seconds

    @property
    def running(self) -> int:
        """How many hold a slot."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return self._waiting

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one slot, after waiting in line for it. Raises EngineBusy."""
        await self._enter()
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            self._free.release()

    async def _enter(self) -> None:
        if self._free.locked() and self._waiting >= self._waiting_limit:
            raise _busy()
        self._waiting += 1
        try:
            # Only the wait is inside: a timeout that spans a stream's yields would hit whichever
            # task happens to consume it.
            async with asyncio.timeout(self._waiting_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1


def _busy() -> EngineBusy:
    return EngineBusy(
        "All slots of the model are taken. Please try again in a moment.",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
