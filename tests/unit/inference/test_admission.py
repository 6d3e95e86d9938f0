"""The bounded queue in front of an engine."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from inference.admission import Admission
from inference.errors import EngineBusy


async def test_as_many_enter_as_there_are_slots() -> None:
    admission = Admission(slots=2, waiting_limit=0, waiting_seconds=5)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(admission.slot())
        await stack.enter_async_context(admission.slot())

        with pytest.raises(EngineBusy):
            await stack.enter_async_context(admission.slot())


async def test_a_waiter_enters_when_a_slot_is_free() -> None:
    admission = Admission(slots=1, waiting_limit=1, waiting_seconds=5)
    entered = asyncio.Event()

    async def wait_in_line() -> None:
        async with admission.slot():
            entered.set()

    async with asyncio.TaskGroup() as group, admission.slot():
        group.create_task(wait_in_line())
        await asyncio.sleep(0)
        was_waiting = not entered.is_set()

    assert was_waiting
    assert entered.is_set()


async def test_the_wait_is_bounded() -> None:
    admission = Admission(slots=1, waiting_limit=1, waiting_seconds=0.05)
    async with admission.slot():
        with pytest.raises(EngineBusy) as busy:
            async with admission.slot():
                pass

    assert busy.value.retry_after_seconds == 5


async def test_one_who_leaves_the_line_makes_room_in_it() -> None:
    admission = Admission(slots=1, waiting_limit=1, waiting_seconds=0.05)

    async def wait_in_line() -> None:
        async with admission.slot():
            pass

    async with admission.slot(), asyncio.TaskGroup() as group:
        impatient = group.create_task(wait_in_line())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait({impatient})
        started = asyncio.get_running_loop().time()
        with pytest.raises(EngineBusy):
            await wait_in_line()
        waited_seconds = asyncio.get_running_loop().time() - started

    assert waited_seconds >= 0.04  # it stood in line: without room it would be refused at once
