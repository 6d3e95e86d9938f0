"""Reads what an OpenAI-style server sends, never more of it than a sane server would."""

import json
from collections.abc import AsyncGenerator

import httpx2

from contracts.clients.lines import lines_of

LONGEST_LINE_BYTES = 1 << 20
LONGEST_ANSWER_BYTES = 8 << 20
"""Of an answer that is no stream: counts, lists of models, refusals."""


class TooLong(Exception):
    """The server sent an answer that would fill the memory."""


async def whole_of(response: httpx2.Response) -> bytes:
    """An answer in one piece. Raises TooLong."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > LONGEST_ANSWER_BYTES:
            raise TooLong("answer")
    return bytes(body)


async def data_of(response: httpx2.Response) -> AsyncGenerator[str, None]:
    """What stands after `data:` in each line. Raises LineTooLong."""
    async for line in lines_of(response, LONGEST_LINE_BYTES):
        if line.startswith("data:"):
            yield line[5:].strip()
        elif line.startswith("error:"):  # llama.cpp's own way to fail in mid-stream
            yield json.dumps({"error": line[6:].strip()})
