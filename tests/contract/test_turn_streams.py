"""One suite for every turn stream: the twin in memory and the real one on Valkey."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from contracts.conversations import TurnEvent
from contracts.ids import new_id
from gateway.adapters.turn_stream_memory import MemoryTurnStream
from gateway.adapters.turn_stream_valkey import ValkeyTurnStream
from gateway.turn_stream import TurnStream, TurnStreamUnavailable
from tests.support.engines import free_port, valkey_server
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def valkey_address() -> Iterator[str]:
    with valkey_server() as server:
        yield server.address()


@pytest.fixture(params=["memory", "valkey"])
async def stream(request: pytest.FixtureRequest, valkey_address: str) -> AsyncIterator[TurnStream]:
    made: TurnStream = (
        MemoryTurnStream(kept_seconds=1)
        if request.param == "memory"
        else ValkeyTurnStream(valkey_address, kept_seconds=1)
    )
    yield made
    await made.close()


@pytest.fixture
def turn() -> str:
    return new_id("turn_")


def event(number: int, text: str = "word ") -> TurnEvent:
    return TurnEvent(id=number, type="delta", text=text)


async def told(stream: TurnStream, turn: str, count: int) -> list[TurnEvent]:
    events = [event(number, f"Wort {number} 词 ") for number in range(1, count + 1)]
    for each in events:
        await stream.append(turn, each)
    return events


async def test_events_come_in_order(stream: TurnStream, turn: str) -> None:
    events = await told(stream, turn, 12)

    assert await stream.read(turn, 0, 1) == events


async def test_reading_starts_after_any_event(stream: TurnStream, turn: str) -> None:
    events = await told(stream, turn, 12)

    assert await stream.read(turn, 9, 1) == events[9:]


async def test_a_reader_waits_for_the_next_event(stream: TurnStream, turn: str) -> None:
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(stream.read(turn, 0, 10))
        await asyncio.sleep(0)
        await stream.append(turn, event(1))

    assert reading.result() == [event(1)]


async def test_a_reader_does_not_wait_for_ever(stream: TurnStream, turn: str) -> None:
    assert await stream.read(turn, 0, 0.05) == []


async def test_two_readers_read_the_same(stream: TurnStream, turn: str) -> None:
    await told(stream, turn, 3)

    assert await stream.read(turn, 0, 1) == await stream.read(turn, 0, 1)


async def test_turns_do_not_mix(stream: TurnStream, turn: str) -> None:
    await told(stream, turn, 3)

    assert await stream.read(new_id("turn_"), 0, 0) == []


async def test_presence_runs_out(stream: TurnStream, turn: str) -> None:
    await stream.be_present(turn, 0.1)
    present = await stream.signals(turn)

    async def is_gone() -> bool:
        return not (await stream.signals(turn)).has_reader

    assert present.has_reader
    assert await eventually(is_gone, seconds=5, what="the presence to run out")


async def test_a_stop_is_seen(stream: TurnStream, turn: str) -> None:
    before = await stream.signals(turn)
    await stream.ask_to_stop(turn)

    assert (before.is_stop_asked, (await stream.signals(turn)).is_stop_asked) == (False, True)


async def test_an_ended_turn_can_be_read_for_a_while_and_is_forgotten_then(
    stream: TurnStream, turn: str
) -> None:
    events = await told(stream, turn, 2)
    await stream.end(turn)
    just_after = await stream.read(turn, 0, 0.05)

    async def is_forgotten() -> bool:
        return not await stream.read(turn, 0, 0.05)

    assert just_after == events
    assert await eventually(is_forgotten, seconds=10, what="the stream to be forgotten")


async def test_a_turn_can_be_forgotten_at_once(stream: TurnStream, turn: str) -> None:
    await told(stream, turn, 2)
    await stream.forget(turn)
    await stream.forget(turn)

    assert await stream.read(turn, 0, 0.05) == []


async def test_a_server_that_is_away_is_a_fact() -> None:
    stream = ValkeyTurnStream(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(TurnStreamUnavailable):
        await stream.append("turn_x", event(1))
    await stream.close()
