"""Bounds on work at once: a few run, some wait in line, the rest are told to come back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.errors import ErrorKind, StoreError


class RetrievalBusy(StoreError):
    """The line is full."""

    kind = ErrorKind.UNAVAILABLE
    code = "retrieval_busy"


class Admission:
    """A line of bounded length in front of a bounded number of turns."""

    def __init__(self, running: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(running)
        self._room = running + waiting
        self._inside = 0

    @property
    def inside(self) -> int:
        """How many run or wait."""
        return self._inside

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn. Raises RetrievalBusy at once when the line is full."""
        if self._inside >= self._room:
            raise RetrievalBusy("Too many calls at once; try again shortly.", retry_after_seconds=1)
        self._inside += 1
        try:
            async with self._turns:
                yield
        finally:
            self._inside -= 1
