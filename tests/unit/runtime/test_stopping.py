"""The end of a process: open work has its time, then it is closed and told why."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from runtime.stopping import ShuttingDown, Stopping


class Words:
    """A stream that says how it was left."""

    def __init__(self) -> None:
        self.is_closed = False

    async def say(self, *words: str) -> AsyncGenerator[str, None]:
        try:
            for word in words:
                yield word
            await asyncio.Event().wait()  # an engine that thinks
        finally:
            self.is_closed = True


async def test_a_stream_that_waits_at_the_end_is_closed_and_told() -> None:
    stopping, words = Stopping(), Words()
    stream = stopping.guarded(words.say("in", "time"))
    stopping.begin(grace_seconds=0.05)
    heard = [await anext(stream), await anext(stream)]
    with pytest.raises(ShuttingDown):
        await anext(stream)

    assert (heard, words.is_closed) == (["in", "time"], True)


async def test_a_stream_that_ends_in_time_is_left_alone() -> None:
    stopping = Stopping()

    async def short() -> AsyncGenerator[str, None]:
        yield "done"

    stopping.begin(grace_seconds=30)

    assert [word async for word in stopping.guarded(short())] == ["done"]


async def test_what_begins_after_the_end_is_refused() -> None:
    stopping = Stopping()
    stopping.come_due()

    with pytest.raises(ShuttingDown):
        await stopping.before_the_end(asyncio.Event().wait())


async def test_a_timeout_inside_stays_one() -> None:
    async def slow() -> None:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await Stopping().before_the_end(slow())


async def test_a_cancelled_reader_is_not_told_that_the_process_ends() -> None:
    stopping = Stopping()
    waiting = asyncio.ensure_future(stopping.before_the_end(asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
