"""Blobs in a folder, spread over subfolders by the start of their key."""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from gateway.blobs import BlobMissing, StoredBlob

BLOCK_BYTES = 1 << 20
_KEY = re.compile(r"^[0-9a-f]{40}$")


class FolderBlobs:
    """The laptop's blob store. Files appear under their key only when they are complete."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arriving = folder / "arriving"

    async def write(self, key: str, content: AsyncIterator[bytes]) -> StoredBlob:
        """Store the content whole or not at all."""
        target = self._path(key)
        arriving = await asyncio.to_thread(self._open_new)
        digest, size_bytes = hashlib.sha256(), 0
        try:
            with arriving:
                async for block in content:
                    digest.update(block)
                    size_bytes += len(block)
                    await asyncio.to_thread(arriving.write, block)
                await asyncio.to_thread(_flush, arriving)
            await asyncio.to_thread(_move, Path(arriving.name), target)
        except BaseException:  # a reader who left is no exception to "or not at all"
            _forget(arriving.name)  # not awaited: the task may be in the middle of its cancellation
            raise
        return StoredBlob(key, size_bytes, digest.hexdigest())

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The content in blocks."""
        try:
            source = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError as error:
            raise BlobMissing("The content of this file is missing.") from error
        with source:
            while block := await asyncio.to_thread(source.read, BLOCK_BYTES):
                yield block

    async def remove(self, key: str) -> None:
        """Forget a blob."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def check(self) -> None:
        """Write a few bytes and remove them."""
        probe = await asyncio.to_thread(self._open_new)
        with probe:
            probe.write(b"stoa")
        await asyncio.to_thread(Path(probe.name).unlink)

    def _open_new(self) -> BinaryIO:
        self._arriving.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (self._arriving / secrets.token_hex(16)).open("xb")

    def _path(self, key: str) -> Path:
        if not _KEY.match(key):
            raise ValueError("not a blob key")
        return self._folder / key[:2] / key[2:4] / key


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())  # an upload that was acknowledged survives a power cut


def _forget(name: str) -> None:
    Path(name).unlink(missing_ok=True)


def _move(arrived: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arrived.replace(target)
