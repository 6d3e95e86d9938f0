"""Makes the copy: a file beside the index, streamed and removed."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from contracts.principal import Principal
from retrieval.copying.errors import IndexNotCopyable, NotAnotherService

BLOCK_BYTES = 1 << 20
_PATTERN = "copy-*.tar.gz"


class CopyableIndex(Protocol):
    """An index that lies in a folder."""

    async def copy_to(self, file: Path) -> None:
        """Write the index as it stands between two writes into a compressed tar file."""
        ...


class IndexCopies:
    """Copies of the index, as long as it lies in a folder of ours."""

    def __init__(self, index: CopyableIndex | None, folder: Path) -> None:
        self._index = index
        self._folder = folder
        for left in folder.glob(_PATTERN):  # by a process that was killed
            left.unlink(missing_ok=True)

    async def make(self, principal: Principal) -> AsyncIterator[bytes]:
        """The bytes of a fresh copy. Raises IndexNotCopyable, NotAnotherService."""
        if principal.workspace_id is not None or not principal.write:
            raise NotAnotherService("The copy of the index is for no workspace.")
        if self._index is None:
            raise IndexNotCopyable("The vectors are in a Qdrant server: use its own snapshots.")
        file = self._folder / f"copy-{secrets.token_hex(8)}.tar.gz"
        try:
            await self._index.copy_to(file)
        except BaseException:
            _forget(file)
            raise
        return _blocks(file)


async def _blocks(file: Path) -> AsyncIterator[bytes]:
    try:
        with await asyncio.to_thread(file.open, "rb") as source:
            while block := await asyncio.to_thread(source.read, BLOCK_BYTES):
                yield block
    finally:
        _forget(file)  # not awaited: the reader may have left


def _forget(file: Path) -> None:
    file.unlink(missing_ok=True)
