"""The port of the blob store: bytes under keys that say nothing about them."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from contracts.errors import ErrorKind, StoreError


class BlobMissing(StoreError):
    """The store has lost a blob, or never had it."""

    kind = ErrorKind.INTERNAL
    code = "blob_missing"


class BlobsUnavailable(StoreError):
    """The blob store does not answer."""

    kind = ErrorKind.UNAVAILABLE
    code = "blobs_unavailable"


class BlobsRefused(BlobsUnavailable):
    """The blob store answers, and will go on refusing: no bucket, or wrong credentials."""


@dataclass(frozen=True)
class StoredBlob:
    """What was written."""

    key: str
    size_bytes: int
    sha256: str


class Blobs(Protocol):
    """Keeps bytes. A key is written once and never changed."""

    async def write(self, key: str, content: AsyncIterator[bytes]) -> StoredBlob:
        """Store the content whole or not at all, whatever ends it early."""
        ...

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The content in blocks. Raises BlobMissing."""
        ...

    async def remove(self, key: str) -> None:
        """Forget a blob; one that is not there is no error."""
        ...

    async def check(self) -> None:
        """Raise when blobs cannot be written."""
        ...


def new_blob_key() -> str:
    """A random key: it tells neither name nor owner, and cannot be guessed."""
    return secrets.token_hex(20)


async def whole(blobs: Blobs, key: str) -> bytes:
    """A blob in one piece."""
    return b"".join([block async for block in blobs.read(key)])


async def once(content: bytes) -> AsyncIterator[bytes]:
    """Content at hand, as something to write."""
    yield content
