"""An answer's body, unpacked in small pieces and never beyond its limit."""

import zlib
from collections.abc import AsyncIterable, Iterator

from runtime.outbound.errors import NotReachable, TooLarge, WrongType

_PIECE_BYTES = 64 << 10
_GZIP = zlib.MAX_WBITS | 16
_GZIP_MARK = b"\x1f\x8b"

PACKINGS = "gzip"
"""What is asked for: a packing whose unpacking can be stopped at any byte."""


async def bounded_body(blocks: AsyncIterable[bytes], packing: str, limit: int) -> bytes:
    """The body as its server meant it. Raises TooLarge at the first byte over the limit."""
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise WrongType("The server packed its answer in a way that was not asked for.")
    unpacker = _Unpacker() if packing.endswith("gzip") else None
    body = bytearray()
    async for block in blocks:
        for piece in (block,) if unpacker is None else unpacker.pieces(block):
            if len(body) + len(piece) > limit:
                raise too_large(limit)
            body += piece
    if unpacker is not None and not unpacker.is_complete:
        raise NotReachable("The server's answer ended in the middle.", param="url")
    return bytes(body)


def too_large(limit: int) -> TooLarge:
    """The refusal of an answer over the limit."""
    return TooLarge(f"The page is larger than {limit / (1 << 20):g} MiB.", param="url")


class _Unpacker:
    """gzip in pieces: a thousand bytes may hold a million, which are never held at once."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP)

    @property
    def is_complete(self) -> bool:
        return self._inner.eof

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            if self._inner.eof:
                if not packed.startswith(_GZIP_MARK):
                    return  # padding after the end
                self._inner = zlib.decompressobj(_GZIP)
            try:
                yield self._inner.decompress(packed, _PIECE_BYTES)
            except zlib.error as error:
                sentence = "The server's answer cannot be unpacked."
                raise NotReachable(sentence, param="url") from error
            packed = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
