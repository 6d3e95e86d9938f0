"""A line to a server that can be cut, as when somebody walks into a tunnel.

with line_to("http://127.0.0.1:8000") as line:
    line.url                  # the same server, over the line
    line.cut()                # open connections break, new ones are refused
    line.mend()
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_START_SECONDS = 20.0


class Line:
    """Passes bytes on in both directions, while it is whole."""

    def __init__(self, url: str) -> None:
        self._port = urlsplit(url).port
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self.url = ""

    async def lie(self, opened: threading.Event) -> None:
        """Be there until it is taken up."""
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        opened.set()
        await self._over.wait()
        server.close()
        await self._cut()

    def cut(self) -> None:
        """Break what is open, and refuse what comes."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(_START_SECONDS)

    def mend(self) -> None:
        self._is_cut = False

    def take_up(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)

    async def _cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        there_reader, there = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, there}
        await asyncio.gather(_passed(reader, there), _passed(there_reader, writer))
        self._writers -= {writer, there}


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(65_536):
            writer.write(block)
            await writer.drain()
    writer.close()


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """A whole line, until the block ends."""
    line, opened = Line(url), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(line.lie(opened)), daemon=True)
    thread.start()
    assert opened.wait(_START_SECONDS)
    try:
        yield line
    finally:
        line.take_up()
        thread.join(_START_SECONDS)
