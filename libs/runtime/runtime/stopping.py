"""How a process ends: no new work from the signal on, open work until a moment, then the end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TypeVar

from contracts.errors import ErrorKind, StoreError

T = TypeVar("T")

RETRY_AFTER_SECONDS = 2


class ShuttingDown(StoreError):
    """This process is ending; another one, or the next, takes the request."""

    kind = ErrorKind.UNAVAILABLE
    code = "shutting_down"


def shutting_down() -> ShuttingDown:
    """The refusal of new work, and the end of an answer that took too long."""
    return ShuttingDown(
        "The service is being restarted. Please try again.", retry_after_seconds=RETRY_AFTER_SECONDS
    )


class Stopping:
    """Whether the process is ending, and whether what is open must end now."""

    def __init__(self) -> None:
        self.is_asked = False
        self.is_due = False
        self._waits: set[asyncio.Timeout] = set()

    def begin(self, grace_seconds: float) -> None:
        """Refuse new work; what is open has so long. To be called in the event loop."""
        if self.is_asked:
            return
        self.is_asked = True
        asyncio.get_running_loop().call_later(grace_seconds, self.come_due)

    def come_due(self) -> None:
        """End what is open, wherever it waits."""
        self.is_asked = self.is_due = True
        now = asyncio.get_running_loop().time()
        for wait in tuple(self._waits):
            wait.reschedule(now)

    async def before_the_end(self, step: Awaitable[T]) -> T:
        """`step`'s outcome. Raises ShuttingDown in its place when the process must end first."""
        # The time limit is moved by `come_due`: nothing is spent on it, and no second task is
        # needed to watch for the end.
        limit = asyncio.timeout(0 if self.is_due else None)
        try:
            async with limit:
                self._waits.add(limit)
                try:
                    return await step
                finally:
                    self._waits.discard(limit)
        except TimeoutError:
            if limit.expired():
                raise shutting_down() from None
            raise

    async def guarded(self, items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """The items as they come, until the process must end; then they are closed."""
        async with aclosing(items):
            while True:
                try:
                    item = await self.before_the_end(anext(items))
                except StopAsyncIteration:
                    return
                yield item
