"""What is read again at most every few seconds, because every call asks for it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")

FRESH_SECONDS = 4.0
"""A change holds on every gateway within five seconds: this, and the time to read it."""


class Remembered(Generic[T]):
    """A value with an age. While it cannot be read again, what was read last holds.

    meanwhile: what holds while nothing could be read yet; None: reading raises then.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], Awaitable[T]],
        meanwhile: T | None = None,
        fresh_seconds: float = FRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._read = read
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._held: tuple[T] | None = None if meanwhile is None else (meanwhile,)
        self._asked_at = float("-inf")
        self._is_settled = False
        self._changes = 0

    async def get(self) -> T:
        """The value. Raises what reading raises while nothing was read yet."""
        # While somebody reads it again, the others do not wait for the database.
        held = self._held if self._one_at_a_time.locked() else self._fresh()
        if held is not None and self._is_settled:
            return held[0]
        async with self._one_at_a_time:
            held = self._fresh()  # somebody else may have read it meanwhile
            return held[0] if held is not None else await self._again()

    def forget(self) -> None:
        """Read it again the next time: it was just changed here."""
        self._asked_at = float("-inf")
        self._is_settled = False
        self._changes += 1

    async def _again(self) -> T:
        # Before the reading: what changes meanwhile is not in it, and must not count as seen.
        asked_at, changes = self._clock(), self._changes
        try:
            self._held = (await self._read(),)
        except Exception:
            if self._held is None:
                raise
            log.exception("%s cannot be read; what was known last holds", self._name)
        if changes == self._changes:
            self._asked_at, self._is_settled = asked_at, True
        return self._held[0]

    def _fresh(self) -> tuple[T] | None:
        return self._held if self._clock() - self._asked_at < self._fresh_seconds else None
