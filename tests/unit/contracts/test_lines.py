"""Lines of event streams: what ends one, and what does not."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from contracts.clients.lines import LineTooLong, lines_of


def answer(*pieces: bytes) -> httpx2.Response:
    async def sent() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return httpx2.Response(200, content=sent())


async def test_only_a_line_feed_ends_a_line() -> None:
    text = "data: one\u2028two\x85three\x0bfour\x1cfive\r\n\ndata: six"
    lines = [line async for line in lines_of(answer(text.encode()))]

    assert lines == ["data: one\u2028two\x85three\x0bfour\x1cfive", "", "data: six"]


async def test_it_does_not_matter_where_the_pieces_were_cut() -> None:
    whole = "data: 柱廊\r\ndata: b\n\n".encode()
    lines = [
        line async for line in lines_of(answer(*(whole[i : i + 1] for i in range(len(whole)))))
    ]

    assert lines == ["data: 柱廊", "data: b", ""]


@pytest.mark.parametrize("pieces", [[b"x" * 101], [b"x" * 60, b"x" * 60], [b"x" * 101 + b"\n"]])
async def test_a_line_without_end_is_given_up(pieces: list[bytes]) -> None:
    with pytest.raises(LineTooLong):
        async for _ in lines_of(answer(*pieces), longest_bytes=100):
            pass
