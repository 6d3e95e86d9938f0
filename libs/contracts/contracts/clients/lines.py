"""Lines of an event stream, as the standard ends them: a U+2028 or U+0085 in a text is none."""

from collections.abc import AsyncGenerator

import httpx2


class LineTooLong(Exception):
    """A line that would fill the memory."""


async def lines_of(
    response: httpx2.Response, longest_bytes: int | None = None
) -> AsyncGenerator[str, None]:
    """Each line without its end. Raises LineTooLong."""
    begun = b""
    async for piece in response.aiter_bytes():
        *lines, begun = (begun + piece).split(b"\n")
        if longest_bytes is not None and max(map(len, (*lines, begun))) > longest_bytes:
            raise LineTooLong(f"more than {longest_bytes} bytes")
        for line in lines:
            yield line.decode(errors="replace").rstrip("\r")
    if begun:
        yield begun.decode(errors="replace")
