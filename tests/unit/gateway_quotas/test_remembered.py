"""What every call asks for is read at most every few seconds, and never waited for twice."""

import asyncio

import pytest

from gateway.remembered import Remembered


class Shelf:
    """Something that is read, counted, and sometimes away."""

    def __init__(self) -> None:
        self.now = 0.0
        self.value = "first"
        self.readings = 0
        self.is_away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self) -> str:
        self.readings += 1
        value = self.value
        await self.gate.wait()
        if self.is_away:
            raise ConnectionError("away")
        return value

    def remembered(self, meanwhile: str | None = None) -> Remembered[str]:
        return Remembered("shelf", self.read, meanwhile, 4, clock=lambda: self.now)


@pytest.fixture
async def shelf() -> Shelf:
    return Shelf()


async def test_it_is_read_once_for_many_and_again_when_old(shelf: Shelf) -> None:
    remembered = shelf.remembered()
    await asyncio.gather(*(remembered.get() for _ in range(20)))
    readings = shelf.readings
    shelf.value, shelf.now = "second", 4.0

    assert (readings, await remembered.get(), shelf.readings) == (1, "second", 2)


async def test_while_it_is_read_again_nobody_waits(shelf: Shelf) -> None:
    remembered = shelf.remembered()
    await remembered.get()
    shelf.now = 4.0
    shelf.gate.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(remembered.get())
        await asyncio.sleep(0)
        meanwhile = await remembered.get()
        shelf.gate.set()

    assert meanwhile == "first"


async def test_what_was_read_last_holds_while_it_is_away(shelf: Shelf) -> None:
    remembered = shelf.remembered()
    await remembered.get()
    shelf.now, shelf.is_away = 4.0, True

    assert await remembered.get() == "first"


async def test_before_anything_was_read_the_fallback_holds(shelf: Shelf) -> None:
    shelf.is_away = True

    assert await shelf.remembered("settings").get() == "settings"
    with pytest.raises(ConnectionError):
        await shelf.remembered().get()


async def test_a_change_made_here_is_seen_at_once_even_in_the_middle_of_a_reading(
    shelf: Shelf,
) -> None:
    remembered = shelf.remembered()
    await remembered.get()
    shelf.now = 4.0
    shelf.gate.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(remembered.get())
        await asyncio.sleep(0)
        shelf.value = "second"
        remembered.forget()
        shelf.gate.set()
        seen = await remembered.get()

    assert seen == "second"
