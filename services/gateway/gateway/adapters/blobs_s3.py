"""Blobs in a bucket of S3, or of any server that speaks its protocol."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from gateway.adapters.handover import Arriving, Handover
from gateway.blobs import BlobMissing, BlobsRefused, BlobsUnavailable, StoredBlob
from gateway.server_settings import S3Access

if TYPE_CHECKING:  # obstore has these in its stubs only
    from obstore.store import ClientConfig, S3Config

PART_BYTES = 8 << 20
"""S3 takes up to 10,000 parts, and none but the last below 5 MiB."""
BLOCK_BYTES = 1 << 20
READ_BYTES = 4 << 20
_PARTS_AT_ONCE = 2
_BREAKING_OFF_SECONDS = 10.0
_KEY = re.compile(r"^[0-9a-f]{40}$")


class S3Blobs:
    """Objects appear under their key only when they are complete: S3 itself sees to that."""

    def __init__(self, bucket: str, prefix: str, access: S3Access) -> None:
        self._bucket = bucket
        self._store = _store(bucket, prefix, access)
        self._breaking_off: set[asyncio.Future[Any]] = set()

    async def write(self, key: str, content: AsyncIterator[bytes]) -> StoredBlob:
        """Store the content whole or not at all, holding at most a few parts in memory."""
        path, arriving = _checked(key), Arriving(content)
        first = await arriving.take(PART_BYTES)
        with _facts(self._bucket, absent_is="bucket"):
            if len(first) < PART_BYTES:
                await obstore.put_async(self._store, path, first, use_multipart=False)
            else:
                await self._write_parts(path, first, arriving)
        return StoredBlob(key, arriving.size_bytes, arriving.sha256())

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The content in blocks, each a request of its own: a slow reader breaks no time-out."""
        path = _checked(key)
        with _facts(self._bucket, absent_is="blob"):
            found = await obstore.get_async(self._store, path)
            size_bytes = found.meta["size"]
            whole = bytes(await found.bytes_async()) if size_bytes <= READ_BYTES else None
        del found  # what is left of a large answer goes with its connection
        if whole is not None:
            yield whole
            return
        for start in range(0, size_bytes, READ_BYTES):
            yield await self._range(path, start, min(start + READ_BYTES, size_bytes))

    async def remove(self, key: str) -> None:
        """Forget a blob."""
        with _facts(self._bucket, absent_is="blob"), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _checked(key))

    async def check(self) -> None:
        """Write a few bytes and remove them. Raises BlobsRefused when waiting would not help."""
        probe = f"probe-{secrets.token_hex(16)}"
        with _facts(self._bucket, absent_is="bucket"):
            await obstore.put_async(self._store, probe, b"stoa", use_multipart=False)
            await obstore.delete_async(self._store, probe)

    async def _range(self, path: str, start: int, end: int) -> bytes:
        with _facts(self._bucket, absent_is="blob"):
            return bytes(await obstore.get_range_async(self._store, path, start=start, end=end))

    async def _write_parts(self, path: str, first: bytes, arriving: Arriving) -> None:
        handover = Handover(first)
        sending = asyncio.ensure_future(
            obstore.put_async(
                self._store,
                path,
                handover,
                use_multipart=True,
                chunk_size=PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )
        )
        sending.add_done_callback(lambda _: handover.nobody_takes())
        try:
            while not sending.done():
                block = await arriving.take(BLOCK_BYTES)
                await handover.give(block)
                if not block:
                    break
            await asyncio.shield(sending)
        except BaseException as error:
            # Cancelling the request would leave its parts in the bucket, unseen and paid for. An
            # error from its source makes it take them back.
            handover.break_off()
            self._breaking_off.add(sending)
            sending.add_done_callback(self._forget)
            if isinstance(error, Exception):  # a cancelled task must not wait
                await asyncio.wait([sending], timeout=_BREAKING_OFF_SECONDS)
            raise

    def _forget(self, sent: asyncio.Future[Any]) -> None:
        self._breaking_off.discard(sent)
        if not sent.cancelled():
            sent.exception()  # looked at, or the loop would complain of it


def _store(bucket: str, prefix: str, access: S3Access) -> S3Store:
    config: S3Config = {
        "region": access.region,
        "virtual_hosted_style_request": not access.path_style,
    }
    if access.endpoint is not None:
        config["endpoint"] = access.endpoint
    if access.access_key_id is not None and access.secret_access_key is not None:
        config["access_key_id"] = access.access_key_id
        config["secret_access_key"] = access.secret_access_key.get_secret_value()
    client: ClientConfig = {
        "allow_http": access.allow_http,
        "connect_timeout": timedelta(seconds=access.connect_seconds),
        "timeout": timedelta(seconds=access.request_seconds),
    }
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options=client,
        retry_config={
            "max_retries": access.retries,
            "retry_timeout": timedelta(seconds=access.request_seconds),
        },
    )


@contextmanager
def _facts(bucket: str, *, absent_is: str) -> Iterator[None]:
    """S3's errors name addresses and requests; ours say what is the matter."""
    try:
        yield
    except FileNotFoundError as error:
        if absent_is == "blob":
            raise BlobMissing("The content of this file is missing.") from error
        raise BlobsRefused(f"There is no bucket {bucket}.") from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise BlobsRefused(f"The bucket {bucket} refuses these credentials.") from error
    except BaseError as error:
        raise BlobsUnavailable(
            "The store of files does not answer.", retry_after_seconds=5
        ) from error


def _checked(key: str) -> str:
    if not _KEY.match(key):
        raise ValueError("not a blob key")
    return key
