"""One suite for every counter of requests: the twin in memory and the real one on Valkey."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from contracts.ids import new_id
from gateway.adapters.rate_windows_failsafe import FailSafeRateWindows
from gateway.adapters.rate_windows_memory import MemoryRateWindows
from gateway.adapters.rate_windows_valkey import ValkeyRateWindows
from gateway.rate_windows import Bound, RateWindows, RateWindowsUnavailable, Used
from laptop.valkey import ValkeyServer
from tests.support.engines import free_port, valkey_server
from tests.support.waiting import eventually

WINDOW_SECONDS = 1.0


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with valkey_server() as server:
        yield server


def made(kind: str, valkey: ValkeyServer, seconds: float = WINDOW_SECONDS) -> RateWindows:
    if kind == "memory":
        return MemoryRateWindows(seconds)
    return ValkeyRateWindows(valkey.address(), seconds)


@pytest.fixture(params=["memory", "valkey"])
def kind(request: pytest.FixtureRequest) -> str:
    named: str = request.param
    return named


@pytest.fixture
async def windows(kind: str, valkey: ValkeyServer) -> AsyncIterator[RateWindows]:
    """A window of a minute: nothing leaves it while a test looks."""
    counter = made(kind, valkey, 60)
    yield counter
    await counter.close()


@pytest.fixture
async def short_windows(kind: str, valkey: ValkeyServer) -> AsyncIterator[RateWindows]:
    counter = made(kind, valkey)
    yield counter
    await counter.close()


@pytest.fixture
def ada() -> Bound:
    return Bound(new_id("key:"), requests=3, tokens=100)


async def took(windows: RateWindows, bound: Bound, tokens: int = 10, entry: str = "") -> bool:
    taken = await windows.take([bound], entry or new_id("call_"), tokens)
    return taken.wait_seconds is None


async def test_only_so_many_requests_fit_a_window(windows: RateWindows, ada: Bound) -> None:
    assert [await took(windows, ada) for _ in range(5)] == [True, True, True, False, False]


async def test_only_so_many_tokens_fit_a_window(windows: RateWindows, ada: Bound) -> None:
    assert [await took(windows, ada, tokens) for tokens in (60, 41, 40)] == [True, False, True]


async def test_a_refused_request_counts_against_nothing(windows: RateWindows, ada: Bound) -> None:
    await took(windows, ada, 90)
    await took(windows, ada, 90)
    (used,) = await windows.used([ada])

    assert (used.requests, used.tokens) == (1, 90)


async def test_looking_takes_nothing(windows: RateWindows, ada: Bound) -> None:
    first = await windows.used([ada])

    assert first == await windows.used([ada]) == [Used(0, 0, 0.0)]


async def test_the_wait_ends_when_enough_has_left(windows: RateWindows, ada: Bound) -> None:
    for tokens in (30, 30, 30):
        await took(windows, ada, tokens)
    taken = await windows.take([ada], "later", 30)

    assert taken.wait_seconds is not None
    assert 20 < taken.wait_seconds <= 60


async def test_what_has_left_the_window_counts_no_longer(
    short_windows: RateWindows, ada: Bound
) -> None:
    for _ in range(3):
        await took(short_windows, ada)
    refused = await took(short_windows, ada)

    assert not refused
    assert await eventually(lambda: took(short_windows, ada), seconds=5, what="room again")


async def test_an_old_window_is_told_as_empty(short_windows: RateWindows, ada: Bound) -> None:
    await took(short_windows, ada)

    async def is_empty() -> bool:
        return await short_windows.used([ada]) == [Used(0, 0, 0.0)]

    assert await eventually(is_empty, seconds=5, what="the window to be empty")


async def test_the_reset_is_when_everything_is_there_again(
    windows: RateWindows, ada: Bound
) -> None:
    taken = await windows.take([ada], "one", 10)

    assert 20 < taken.used[0].reset_seconds <= 60


async def test_tokens_that_were_not_used_come_back(windows: RateWindows, ada: Bound) -> None:
    await took(windows, ada, 95, entry="long")
    before = await took(windows, ada, 20)
    await windows.correct([ada.subject], "long", 5)

    assert not before
    assert await took(windows, ada, 90)


async def test_an_answer_longer_than_reserved_counts_in_full(
    windows: RateWindows, ada: Bound
) -> None:
    await took(windows, ada, 10, entry="grew")
    await windows.correct([ada.subject], "grew", 100)

    assert not await took(windows, ada, 1)


async def test_a_correction_of_what_is_gone_changes_nothing(
    windows: RateWindows, ada: Bound
) -> None:
    await windows.correct([ada.subject], "unknown", 50)

    assert await windows.used([ada]) == [Used(0, 0, 0.0)]


async def test_a_call_larger_than_the_limit_takes_all_of_it(
    windows: RateWindows, ada: Bound
) -> None:
    assert await took(windows, ada, 5_000)
    assert not await took(windows, ada, 1)


async def test_all_bounds_are_taken_or_none(windows: RateWindows, ada: Bound) -> None:
    workspace = Bound(new_id("workspace:"), requests=1, tokens=1_000)
    both = [ada, workspace]
    first = await windows.take(both, "first", 10)
    second = await windows.take(both, "second", 10)

    assert (first.wait_seconds, second.wait_seconds is None) == (None, False)
    assert [used.requests for used in await windows.used(both)] == [1, 1]


async def test_subjects_do_not_mix(windows: RateWindows, ada: Bound) -> None:
    bob = Bound(new_id("key:"), requests=3, tokens=100)
    for _ in range(3):
        await took(windows, ada)

    assert await took(windows, bob)


async def test_gateways_side_by_side_share_one_count(valkey: ValkeyServer, ada: Bound) -> None:
    gateways = [ValkeyRateWindows(valkey.address(), 60) for _ in range(4)]
    bound = Bound(ada.subject, requests=10, tokens=100_000)
    taken = await asyncio.gather(*(took(each, bound) for each in gateways for _ in range(20)))
    for each in gateways:
        await each.close()

    assert taken.count(True) == 10


async def test_an_absent_server_is_a_fact(ada: Bound) -> None:
    windows = ValkeyRateWindows(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(RateWindowsUnavailable):
        await windows.take([ada], "one", 1)
    await windows.close()


async def test_without_the_server_one_gateway_allows_half(
    ada: Bound, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = ValkeyRateWindows(f"redis://127.0.0.1:{free_port()}/0")
    windows = FailSafeRateWindows(nowhere, MemoryRateWindows(60))
    bound = Bound(ada.subject, requests=6, tokens=100)
    taken = [await took(windows, bound, 1, entry=str(number)) for number in range(6)]
    await windows.correct([bound.subject], "0", 40)
    (used,) = await windows.used([bound])
    await windows.close()

    assert taken.count(True) == 3
    assert (used.requests, used.tokens) == (3, 42)
    assert [record.message for record in caplog.records if "half" in record.message] != []
    assert len(caplog.records) == 1


async def test_with_the_server_back_it_counts_again(valkey: ValkeyServer, ada: Bound) -> None:
    class Returning(ValkeyRateWindows):
        """Away for its first call."""

        calls = 0

        async def used(self, bounds: Sequence[Bound]) -> Sequence[Used]:
            self.calls += 1
            if self.calls == 1:
                raise RateWindowsUnavailable("away")
            return await super().used(bounds)

    server = Returning(valkey.address())
    await took(server, ada, 7)
    windows = FailSafeRateWindows(server, MemoryRateWindows(60), pause_seconds=0)
    (away,), (back,) = await windows.used([ada]), await windows.used([ada])
    await windows.close()

    assert (away.requests, back.requests, back.tokens) == (0, 1, 7)
