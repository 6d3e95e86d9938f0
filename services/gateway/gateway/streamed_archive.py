"""A ZIP archive written while it is sent: nothing of it lies on a disk or grows in memory."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterator

_NEVER = (1980, 1, 1, 0, 0, 0)


class _Outlet(io.RawIOBase):
    """Takes what zipfile writes; it cannot go back, so sizes stand behind each entry."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        block = bytes(data)  # type: ignore[call-overload]  # any buffer, as io says
        self._waiting += block
        return len(block)

    def taken(self) -> bytes:
        """What was written since the last time."""
        block = bytes(self._waiting)
        self._waiting.clear()
        return block


class StreamedArchive:
    """Entries one after another; each method yields the bytes that are ready to be sent."""

    def __init__(self) -> None:
        self._outlet = _Outlet()
        self._zip = zipfile.ZipFile(self._outlet, "w", allowZip64=True)

    def text(self, name: str, content: bytes) -> Iterator[bytes]:
        """A small entry, packed."""
        entry = zipfile.ZipInfo(name, _NEVER)
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, content)
        yield self._outlet.taken()

    async def file(self, name: str, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """A file as it is: packing would keep the event loop from everybody else."""
        with self._zip.open(zipfile.ZipInfo(name, _NEVER), "w", force_zip64=True) as entry:
            async for block in blocks:
                entry.write(block)
                yield self._outlet.taken()
        yield self._outlet.taken()

    def end(self) -> Iterator[bytes]:
        """The table of contents."""
        self._zip.close()
        yield self._outlet.taken()
