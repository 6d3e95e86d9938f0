"""Stores at start: waited for while that may help, refused at once when it cannot."""

import asyncio
import time

import pytest

from runtime.probing import NotYet, listens, reach
from runtime.starting import CannotStart
from tests.support.engines import free_port


class Store:
    """A store that answers at its n-th probe."""

    def __init__(self, ready_at: int) -> None:
        self.probes = 0
        self._ready_at = ready_at

    async def __call__(self) -> None:
        self.probes += 1
        if self.probes < self._ready_at:
            raise NotYet("PORCH_URL: nobody listens at porch:1")


async def test_a_store_that_comes_later_is_waited_for() -> None:
    store = Store(ready_at=3)
    await reach([store], seconds=10)

    assert store.probes == 3


async def test_a_store_that_never_comes_is_named_after_the_time_given() -> None:
    with pytest.raises(CannotStart, match=r"PORCH_URL: nobody listens at porch:1 \(waited 0\.6 s"):
        await reach([Store(ready_at=1_000)], seconds=0.6)


async def test_a_refusal_is_not_repeated() -> None:
    async def refusing() -> None:
        raise CannotStart("PORCH_URL: refuses the password")

    started = time.monotonic()
    with pytest.raises(CannotStart, match="refuses the password"):
        await reach([refusing], seconds=30)

    assert time.monotonic() - started < 25


async def test_it_is_said_what_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    await reach([Store(ready_at=3)], seconds=10)

    said = [record.getMessage() for record in caplog.records]
    assert said == ["waiting: PORCH_URL: nobody listens at porch:1"]


async def test_an_unknown_host_and_a_closed_port_are_told_apart() -> None:
    with pytest.raises(NotYet, match=r"PORCH_URL: the host porch\.invalid is unknown"):
        await listens("PORCH_URL", "porch.invalid", 80)
    with pytest.raises(NotYet, match="PORCH_URL: nobody listens at 127"):
        await listens("PORCH_URL", "127.0.0.1", free_port())


async def test_a_port_that_listens_is_enough() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        await listens("PORCH_URL", "127.0.0.1", server.sockets[0].getsockname()[1])
