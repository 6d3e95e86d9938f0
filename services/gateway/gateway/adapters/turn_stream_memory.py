"""Turn streams in the memory of one process: for tests, and for a gateway without a broker."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field

from contracts.conversations import TurnEvent
from gateway.turn_stream import Signals

KEPT_SECONDS = 3_600.0


@dataclass
class _Stream:
    events: list[TurnEvent] = field(default_factory=list)
    reader_until: float = 0.0
    is_stop_asked: bool = False
    forget_at: float = float("inf")
    grown: asyncio.Condition = field(default_factory=asyncio.Condition)


class MemoryTurnStream:
    """Forgets ended turns after an hour, like its big sister."""

    def __init__(self, kept_seconds: float = KEPT_SECONDS) -> None:
        self._streams: defaultdict[str, _Stream] = defaultdict(_Stream)
        self._kept_seconds = kept_seconds

    async def append(self, turn_id: str, event: TurnEvent) -> None:
        self._forget_old()
        stream = self._streams[turn_id]
        async with stream.grown:
            stream.events.append(event)
            stream.grown.notify_all()

    async def read(self, turn_id: str, after: int, wait_seconds: float) -> list[TurnEvent]:
        self._forget_old()
        stream = self._streams[turn_id]
        if found := _after(stream, after):
            return found
        try:
            async with asyncio.timeout(wait_seconds), stream.grown:
                await stream.grown.wait_for(lambda: _after(stream, after))
        except TimeoutError:
            return []
        return _after(stream, after)

    async def be_present(self, turn_id: str, seconds: float) -> None:
        self._streams[turn_id].reader_until = time.monotonic() + seconds

    async def ask_to_stop(self, turn_id: str) -> None:
        self._streams[turn_id].is_stop_asked = True

    async def signals(self, turn_id: str) -> Signals:
        stream = self._streams[turn_id]
        return Signals(
            has_reader=time.monotonic() < stream.reader_until,
            is_stop_asked=stream.is_stop_asked,
        )

    async def end(self, turn_id: str) -> None:
        self._streams[turn_id].forget_at = time.monotonic() + self._kept_seconds

    async def forget(self, turn_id: str) -> None:
        self._streams.pop(turn_id, None)

    async def close(self) -> None:
        self._streams.clear()

    def _forget_old(self) -> None:
        now = time.monotonic()
        for turn_id in [key for key, each in self._streams.items() if each.forget_at <= now]:
            del self._streams[turn_id]


def _after(stream: _Stream, after: int) -> list[TurnEvent]:
    return [event for event in stream.events if event.id > after]
