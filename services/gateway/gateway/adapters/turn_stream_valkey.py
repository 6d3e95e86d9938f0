"""Turn streams in Valkey (or Redis): one capped stream a turn, and two small keys beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.conversations import TurnEvent
from gateway.turn_stream import Signals, TurnStreamUnavailable
from runtime.cancelling import not_to_be_lost

KEPT_SECONDS = 3_600
# A turn that nobody ends (its process died) is forgotten all the same.
_ABANDONED_SECONDS = 6 * 3_600
_MOST_EVENTS = 20_000
_SOCKET_SECONDS = 5.0
_FIELD = b"event"


class ValkeyTurnStream:
    """Entries are named `<event id>-0`, so the server itself refuses an id out of order."""

    def __init__(self, url: str, kept_seconds: int = KEPT_SECONDS) -> None:
        self._kept_seconds = kept_seconds
        self._server: Redis = Redis.from_url(
            url, socket_connect_timeout=_SOCKET_SECONDS, socket_timeout=_SOCKET_SECONDS
        )

    async def append(self, turn_id: str, event: TurnEvent) -> None:
        key = _events(turn_id)
        async with _answering(), self._server.pipeline(transaction=False) as both:
            both.xadd(
                key,
                {_FIELD: event.model_dump_json()},
                id=f"{event.id}-0",
                maxlen=_MOST_EVENTS,
            )
            if event.id == 1:
                both.expire(key, _ABANDONED_SECONDS)
            await both.execute()

    async def read(self, turn_id: str, after: int, wait_seconds: float) -> list[TurnEvent]:
        # The wait stays below the socket's own time limit. BLOCK 0 would wait for ever.
        block_ms = max(1, int(min(wait_seconds, _SOCKET_SECONDS - 1) * 1000))
        async with _answering():
            found = await self._server.xread({_events(turn_id): f"{after}-0"}, block=block_ms)
        return [TurnEvent.model_validate_json(fields[_FIELD]) for fields in _fields(found)]

    async def be_present(self, turn_id: str, seconds: float) -> None:
        async with _answering():
            await self._server.set(_reader(turn_id), 1, px=max(1, int(seconds * 1000)))

    async def ask_to_stop(self, turn_id: str) -> None:
        async with _answering():
            await self._server.set(_stop(turn_id), 1, ex=_ABANDONED_SECONDS)

    async def signals(self, turn_id: str) -> Signals:
        async with _answering():
            reader, stop = await self._server.mget(_reader(turn_id), _stop(turn_id))
        return Signals(has_reader=reader is not None, is_stop_asked=stop is not None)

    async def end(self, turn_id: str) -> None:
        async with _answering(), self._server.pipeline(transaction=False) as both:
            both.expire(_events(turn_id), self._kept_seconds)
            both.delete(_stop(turn_id), _reader(turn_id))
            await both.execute()

    async def forget(self, turn_id: str) -> None:
        async with _answering():
            await self._server.delete(_events(turn_id), _stop(turn_id), _reader(turn_id))

    async def close(self) -> None:
        await self._server.aclose()


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        with not_to_be_lost():
            yield
    except (RedisError, OSError) as error:
        raise TurnStreamUnavailable(
            "The stream of this turn cannot be reached.", retry_after_seconds=2
        ) from error


def _events(turn_id: str) -> str:
    return f"stoa:turn:{turn_id}"


def _reader(turn_id: str) -> str:
    return f"stoa:turn:{turn_id}:reader"


def _stop(turn_id: str) -> str:
    return f"stoa:turn:{turn_id}:stop"


def _fields(found: object) -> list[dict[bytes, bytes]]:
    """The entries of an XREAD answer: a list of streams in RESP 2, a map of them in RESP 3."""
    if isinstance(found, dict):
        return [fields for batches in found.values() for batch in batches for _, fields in batch]
    if isinstance(found, list):
        return [fields for _, entries in found for _, fields in entries]
    return []
