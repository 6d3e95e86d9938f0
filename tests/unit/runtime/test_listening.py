"""Where a process listens: at its own door, and answers leave at once."""

import asyncio
import socket

import pytest

from runtime.serving import Door, listening
from runtime.starting import CannotStart


async def test_connections_do_not_wait_for_the_other_side_before_they_send() -> None:
    switched_off = asyncio.get_running_loop().create_future()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        switched_off.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listening(Door("127.0.0.1", 0))
    port = listener.getsockname()[1]
    async with asyncio.timeout(10), await asyncio.start_server(answer, sock=listener):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        found = await switched_off
        writer.close()

    assert found != 0


def test_a_door_that_is_taken_is_named() -> None:
    with listening(Door("127.0.0.1", 0)) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(CannotStart, match=f"127.0.0.1:{port} cannot be listened on"):
            listening(Door("127.0.0.1", port))
