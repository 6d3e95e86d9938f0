"""A server that sends too much, too slowly or for ever is cut, and costs next to nothing."""

import asyncio
import gzip
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runtime.outbound.bodies import bounded_body
from runtime.outbound.client import Fetched, OutboundClient
from runtime.outbound.errors import NotReachable, OutboundRefused, TooLarge, TooSlow, WrongType
from tests.support.hostile_web import Answer, FakeResolver, HostileWeb, head, hostile_web

MIB = 1 << 20
HTML = frozenset({"text/html"})
MOST_MEMORY_BYTES = 64 * MIB
CHUNKED = {"content-type": "text/html", "transfer-encoding": "chunked"}


@pytest.fixture
def web() -> Iterator[HostileWeb]:
    with hostile_web() as web:
        yield web


async def fetched(web: HostileWeb, **policy: Any) -> Fetched:
    """The page at `/`; deadlines and limits are small."""
    small = {"body_bytes": MIB, "silence_seconds": 0.5, "whole_seconds": 1.5}
    client = OutboundClient(web.policy(**(small | policy)), FakeResolver())
    return await client.fetch(web.url("/"), types=HTML)


def endless_body(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield head(200, {"content-type": "text/html"})
        while not web.over.is_set():
            yield b"x" * 65_536

    return blocks


def endless_chunks(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield head(200, CHUNKED)
        while not web.over.is_set():
            yield b"1;" + b"e" * 10_000 + b"\r\nx\r\n"

    return blocks


def endless_headers(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        number = 0
        while not web.over.is_set():
            number += 1
            yield b"x-%d: %s\r\n" % (number, b"y" * 1_000)

    return blocks


def one_endless_header(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nx: "
        while not web.over.is_set():
            yield b"y" * 10_000

    return blocks


def endless_beginnings(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        while not web.over.is_set():
            yield b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"

    return blocks


def many_headers(_: HostileWeb) -> Answer:
    named = {f"x-{number}": "y" for number in range(500)}
    return lambda: [head(200, named | {"content-length": "0"})]


def announced(_: HostileWeb) -> Answer:
    return lambda: [head(200, {"content-type": "text/html", "content-length": str(1 << 40)})]


def bomb(_: HostileWeb) -> Answer:
    """A thousand to one: a gigabyte in a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    zeros = bytes(MIB)

    def blocks() -> Iterator[bytes]:
        yield head(200, {"content-type": "text/html", "content-encoding": "gzip"})
        for _ in range(1_024):
            yield packer.compress(zeros)
        yield packer.flush()

    return blocks


def nested_bomb(_: HostileWeb) -> Answer:
    content = gzip.compress(gzip.compress(bytes(10 * MIB)))
    named = {"content-type": "text/html", "content-encoding": "gzip, gzip"}
    return lambda: [head(200, named) + content]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (endless_body, TooLarge),
        (endless_chunks, TooLarge),
        (endless_headers, TooLarge),
        (one_endless_header, TooLarge),
        (endless_beginnings, TooLarge),
        (many_headers, TooLarge),
        (announced, TooLarge),
        (bomb, TooLarge),
        (nested_bomb, WrongType),
    ],
)
async def test_too_much_is_cut_at_the_limit(
    web: HostileWeb, answer: Any, kind: type[OutboundRefused]
) -> None:
    web.answer("/", answer(web))
    with little_memory(), pytest.raises(kind):
        await fetched(web, silence_seconds=5, whole_seconds=20)

    # What the kernel takes in for us, and not a gigabyte.
    assert web.sent_bytes["/"] < 16 * MIB


def dripping_body(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield head(200, {"content-type": "text/html"})
        while not web.over.wait(0.05):
            yield b"x"

    return blocks


def dripping_headers(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nx: "
        while not web.over.wait(0.05):
            yield b"y"

    return blocks


def silence(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        web.over.wait()
        yield b""

    return blocks


def silence_after_the_headers(web: HostileWeb) -> Answer:
    def blocks() -> Iterator[bytes]:
        yield head(200, CHUNKED)
        web.over.wait()

    return blocks


@pytest.mark.parametrize(
    "answer", [dripping_body, dripping_headers, silence, silence_after_the_headers]
)
async def test_too_slow_is_cut_at_the_deadline(web: HostileWeb, answer: Any) -> None:
    web.answer("/", answer(web))
    with little_memory(), pytest.raises(TooSlow):
        await asyncio.wait_for(fetched(web), timeout=30)


async def test_slow_redirects_share_one_deadline(web: HostileWeb) -> None:
    def slowly(to: str) -> Answer:
        def blocks() -> Iterator[bytes]:
            web.over.wait(0.4)
            yield head(302, {"location": to, "content-length": "0"})

        return blocks

    web.answer("/", slowly("/1"))
    for number in range(1, 5):
        web.answer(f"/{number}", slowly(f"/{number + 1}"))
    with pytest.raises(TooSlow):
        await fetched(web, whole_seconds=1)

    assert len(web.asked) < 5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 abc Whatever\r\n\r\n",
        head(200, {"content-type": "text/html", "content-length": "100"}) + b"short",
        head(200, CHUNKED) + b"zz\r\n",
        head(200, {"content-type": "text/html", "content-encoding": "gzip"}) + b"no gzip",
        head(200, {"content-type": "text/html", "content-encoding": "gzip"})
        + gzip.compress(b"cut off" * 100)[:-12],
        head(200, {"content-length": "5", "transfer-encoding": "chunked"}) + b"5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na",
    ],
    ids=range(10),
)
async def test_a_broken_answer_is_one_sentence(web: HostileWeb, content: bytes) -> None:
    web.raw("/", content)
    with pytest.raises(NotReachable, match=r"^The server's answer "):
        await fetched(web)


@pytest.mark.parametrize("packing", ["br", "zstd", "deflate", "compress", "gzip, br"])
async def test_other_packings_are_refused(web: HostileWeb, packing: str) -> None:
    web.page("/", b"packed", **{"content-encoding": packing})
    with pytest.raises(WrongType):
        await fetched(web)


async def test_the_limit_itself_is_not_too_much() -> None:
    async def blocks() -> Any:
        yield gzip.compress(bytes(1_000))

    assert len(await bounded_body(blocks(), "gzip", 1_000)) == 1_000
    with pytest.raises(TooLarge):
        await bounded_body(blocks(), "gzip", 999)


@contextmanager
def little_memory() -> Iterator[None]:
    """This process, the server in it included, grows by less than the limit at any moment."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    before, began = _memory("VmRSS"), time.monotonic()
    yield
    grown = _memory("VmHWM") - before
    assert grown < MOST_MEMORY_BYTES, f"{grown >> 20} MiB in {time.monotonic() - began:.1f} s"


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) << 10
