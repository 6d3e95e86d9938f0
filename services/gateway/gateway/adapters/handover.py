"""Content on its way from one task, which reads it, to another, which sends it on."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Self


class BrokenOff(Exception):
    """The content ended before it was whole."""


class Arriving:
    """Content in portions of our own choice, counted and hashed as it comes."""

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        self._content = content
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    async def take(self, at_least_bytes: int) -> bytes:
        """The next portion. A shorter one is the last; after it come empty ones."""
        blocks, taken_bytes = [], 0
        while taken_bytes < at_least_bytes:
            block = await anext(self._content, None)
            if block is None:
                break
            self._digest.update(block)
            blocks.append(block)
            taken_bytes += len(block)
        self.size_bytes += taken_bytes
        return b"".join(blocks)

    def sha256(self) -> str:
        """The hash of all that was taken."""
        return self._digest.hexdigest()


class Handover:
    """Blocks given one by one to whoever iterates; a giver waits until there is room for one."""

    def __init__(self, first: bytes) -> None:
        self._block = first
        self._room, self._filled = asyncio.Event(), asyncio.Event()
        self._filled.set()
        self._is_broken = self._is_deserted = False

    async def give(self, block: bytes) -> None:
        """Hand over a block; an empty one is the end. Nothing happens when nobody takes any."""
        await self._room.wait()
        if not self._is_deserted:
            self._block = block
            self._room.clear()
            self._filled.set()

    def break_off(self) -> None:
        """The taker's next request fails with BrokenOff."""
        self._is_broken = True
        self._filled.set()

    def nobody_takes(self) -> None:
        """No giver waits any more."""
        self._is_deserted = True
        self._room.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        await self._filled.wait()
        if self._is_broken:
            raise BrokenOff
        block = self._block
        self._filled.clear()
        self._room.set()
        if not block:
            raise StopAsyncIteration
        return block
