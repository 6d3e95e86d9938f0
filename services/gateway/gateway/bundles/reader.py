"""Reads a ZIP archive as it arrives: entry after entry, in the order they lie in it.

Nothing is spooled, and the table of contents at the end is not believed: the manifest, which comes
first, says what follows. So nothing can overlap, hide behind another name or be there twice.
"""

import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from gateway.bundles.errors import BundleRefused

_ENTRY, _DIRECTORY, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_HEADER = struct.Struct("<HHHHHLLLHH")
_ENCRYPTED, _STREAMED = 0x1, 0x8
_STORED, _DEFLATED = 0, 8
_ZIP64 = 1
_MOST_NAME, _MOST_EXTRA = 100, 1_000
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Header:
    """How an entry begins. is_packed: deflated; else its bytes stand there as they are."""

    path: str
    is_packed: bool
    is_streamed: bool
    is_wide: bool


class ArchiveReader:
    """The entries of an archive; each one's content is read before the next header."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self._waiting = bytearray()

    async def header(self) -> Header | None:
        """The next entry; None: there are no more. Raises BundleRefused."""
        signature = await self._exactly(4)
        if signature == _DIRECTORY:
            return None
        if signature != _ENTRY:
            raise BundleRefused("This is no ZIP archive, or one that was damaged.")
        values = _HEADER.unpack(await self._exactly(_HEADER.size))
        flags, method, name_size, extra_size = values[1], values[2], values[8], values[9]
        if flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
            raise BundleRefused("The archive is encrypted, or packed in a way that is not read.")
        if name_size > _MOST_NAME or extra_size > _MOST_EXTRA:
            raise BundleRefused("An entry of the archive has no name that a bundle knows.")
        path = (await self._exactly(name_size)).decode("utf-8", "replace")
        extra = await self._exactly(extra_size)
        return Header(path, method == _DEFLATED, bool(flags & _STREAMED), _is_wide(extra))

    async def text(self, header: Header, most: int) -> bytes:
        """The content of a packed entry. Raises BundleRefused when it is longer than `most`."""
        if not header.is_packed:
            raise BundleRefused(f"{header.path} is not packed as bundles are.")
        unpacking, content = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
        while not unpacking.eof:
            packed = unpacking.unconsumed_tail or await self._some()
            try:
                content += unpacking.decompress(packed, most + 1 - len(content))
            except zlib.error as error:
                raise BundleRefused(f"{header.path} cannot be unpacked.") from error
            if len(content) > most:
                raise BundleRefused(f"{header.path} is longer than it may be.")
        self._waiting[:0] = unpacking.unused_data
        await self._descriptor(header)
        return bytes(content)

    async def stored(self, header: Header, size_bytes: int) -> AsyncIterator[bytes]:
        """The content of an entry that is not packed, in blocks; its length is known."""
        if header.is_packed:
            raise BundleRefused(f"{header.path} is packed, which files of a bundle are not.")
        left = size_bytes
        while left:
            block = await self._some(left)
            left -= len(block)
            yield block
        await self._descriptor(header)

    async def drain(self) -> None:
        """Read the rest: the table of contents."""
        self._waiting.clear()
        async for _ in self._body:
            pass

    async def _descriptor(self, header: Header) -> None:
        if not header.is_streamed:
            return
        found = await self._exactly(24 if header.is_wide else 16)
        if not found.startswith(_DESCRIPTOR):
            raise BundleRefused(f"{header.path} does not end where it should.")

    async def _exactly(self, size: int) -> bytes:
        while len(self._waiting) < size:
            await self._more()
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken

    async def _some(self, most: int = _BLOCK) -> bytes:
        if not self._waiting:
            await self._more()
        taken = bytes(self._waiting[: min(most, _BLOCK)])
        del self._waiting[: len(taken)]
        return taken

    async def _more(self) -> None:
        async for block in self._body:
            self._waiting += block
            if block:
                return
        raise BundleRefused("The archive ends in the middle.")


def _is_wide(extra: bytes) -> bool:
    """Whether lengths behind the entry have eight bytes each."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64:
            return True
        at += 4 + size
    return False
