"""A cancellation in the very moment that a call is done is not lost."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from runtime.cancelling import not_to_be_lost

Call = Callable[[asyncio.Event], Awaitable[None]]


async def through_a_library(may_end: asyncio.Event) -> None:
    """As redis-py sends a command."""
    await asyncio.wait_for(may_end.wait(), 5)


async def kept(may_end: asyncio.Event) -> None:
    with not_to_be_lost():
        await through_a_library(may_end)


async def cancelled_as_it_ends(call: Call) -> asyncio.Task[None]:
    """The call in a task, which is cancelled after its work is done and before it hears of it."""
    may_end = asyncio.Event()

    async def called() -> None:
        await call(may_end)

    task = asyncio.get_running_loop().create_task(called())
    for _ in range(3):
        await asyncio.sleep(0)
    may_end.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    return task


async def test_a_cancellation_at_the_end_of_a_call_is_not_lost() -> None:
    assert (await cancelled_as_it_ends(kept)).cancelled()


async def test_a_time_limit_at_the_end_of_a_call_is_not_lost() -> None:
    may_end = asyncio.Event()

    async def limited() -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as limit:
            loop.call_soon(may_end.set)
            limit.reschedule(loop.time())
            await kept(may_end)

    with pytest.raises(TimeoutError):
        await limited()


async def test_a_call_that_nobody_cancels_ends_as_it_would() -> None:
    may_end = asyncio.Event()
    may_end.set()

    await kept(may_end)


async def test_an_earlier_cancellation_is_not_raised_again() -> None:
    may_end = asyncio.Event()
    may_end.set()

    async def cleans_up() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await kept(may_end)
            return "cleaned"
        return "never"

    task = asyncio.get_running_loop().create_task(cleans_up())
    await asyncio.sleep(0)
    task.cancel()

    assert await task == "cleaned"
