"""What every blob store does: a folder, and a bucket of a real S3 server."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from gateway.adapters.blobs_folder import FolderBlobs
from gateway.adapters.blobs_s3 import PART_BYTES, READ_BYTES, S3Blobs
from gateway.blobs import (
    BlobMissing,
    Blobs,
    BlobsRefused,
    BlobsUnavailable,
    new_blob_key,
    once,
    whole,
)
from gateway.probes import probes
from gateway.server_settings import S3Access
from gateway.settings import Settings
from runtime.starting import CannotStart
from tests.support.engines import free_port
from tests.support.gateway import gateway_settings
from tests.support.s3 import S3Server, s3_server
from tests.support.waiting import wait_until

MIB = 1 << 20


@dataclass(frozen=True)
class Kept:
    """A store, and what lies in it however it got there."""

    blobs: Blobs
    leftovers: Callable[[], list[str]]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "folder":
        return Kept(FolderBlobs(tmp_path / "blobs"), lambda: _files(tmp_path))
    s3: S3Server = request.getfixturevalue("s3")
    prefix = f"tests/{secrets.token_hex(4)}"
    return Kept(
        S3Blobs(s3.bucket, prefix, s3.access()),
        lambda: s3.objects(prefix) + s3.unfinished_uploads(),
    )


@pytest.fixture
def blobs(kept: Kept) -> Blobs:
    return kept.blobs


class ReaderLeft(Exception):
    """The upload ends in the middle."""


async def _broken(whole_mib: int) -> AsyncIterator[bytes]:
    yield b"half"
    for _ in range(whole_mib):
        yield bytes(MIB)
    raise ReaderLeft


def _files(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file()]


async def test_what_is_written_is_read(blobs: Blobs) -> None:
    content = bytes(range(256)) * 10_000
    stored = await blobs.write(new_blob_key(), once(content))

    assert stored.size_bytes == len(content)
    assert await whole(blobs, stored.key) == content


@pytest.mark.parametrize(
    "size_bytes", [0, 1, READ_BYTES, READ_BYTES + 1, PART_BYTES, 2 * PART_BYTES + 3]
)
async def test_every_size_comes_back_as_it_was(blobs: Blobs, size_bytes: int) -> None:
    content = secrets.token_bytes(size_bytes)
    stored = await blobs.write(new_blob_key(), _in_pieces(content, 300_000))

    assert stored.size_bytes == size_bytes
    assert await whole(blobs, stored.key) == content


async def _in_pieces(content: bytes, piece_bytes: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece_bytes):
        yield content[start : start + piece_bytes]


async def test_the_hash_is_of_the_stored_bytes(blobs: Blobs) -> None:
    stored = await blobs.write(new_blob_key(), once(b"abc"))

    assert stored.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("whole_mib", [0, 20])
async def test_an_upload_that_breaks_off_leaves_nothing(kept: Kept, whole_mib: int) -> None:
    key = new_blob_key()
    with pytest.raises(ReaderLeft):
        await kept.blobs.write(key, _broken(whole_mib))
    with pytest.raises(BlobMissing):
        await whole(kept.blobs, key)

    assert kept.leftovers() == []


async def test_an_upload_that_is_cancelled_leaves_nothing(kept: Kept) -> None:
    has_stalled = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield bytes(MIB)
        has_stalled.set()
        await asyncio.Event().wait()

    writing = asyncio.ensure_future(kept.blobs.write(new_blob_key(), stalling()))
    await has_stalled.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    await asyncio.to_thread(
        wait_until, lambda: kept.leftovers() == [], seconds=10, what="the parts to be taken back"
    )


async def test_removing_twice_is_no_error(blobs: Blobs) -> None:
    stored = await blobs.write(new_blob_key(), once(b"abc"))
    await blobs.remove(stored.key)
    await blobs.remove(stored.key)

    with pytest.raises(BlobMissing):
        await whole(blobs, stored.key)


async def test_the_check_leaves_nothing_behind(kept: Kept) -> None:
    await kept.blobs.check()

    assert kept.leftovers() == []


async def test_a_key_is_never_a_path(blobs: Blobs) -> None:
    with pytest.raises(ValueError, match="not a blob key"):
        await blobs.write("../" * 10 + "etc/passwd", once(b"x"))


async def test_a_store_that_cannot_be_written_fails_its_check(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")

    with pytest.raises(OSError, match="blobs"):
        await FolderBlobs(tmp_path / "blobs").check()


async def test_a_bucket_that_is_not_there_is_named(s3: S3Server) -> None:
    with pytest.raises(BlobsRefused, match="There is no bucket nowhere"):
        await S3Blobs("nowhere", "", s3.access()).check()


async def test_a_missing_bucket_ends_the_gateways_start(s3: S3Server, tmp_path: Path) -> None:
    settings = gateway_settings(
        "postgresql+asyncpg://nobody@127.0.0.1/stoa", tmp_path, s3=s3.access()
    ).model_copy(update={"blobs_url": "s3://nowhere/blobs"})
    [_, blobs_are_ready, *_] = probes(settings)

    with pytest.raises(CannotStart, match="GATEWAY_BLOBS_URL: There is no bucket nowhere"):
        await blobs_are_ready()


async def test_wrong_credentials_are_named_without_showing_them(s3: S3Server) -> None:
    wrong = s3.access().model_copy(update={"access_key_id": "somebody-else"})

    with pytest.raises(BlobsRefused, match="refuses these credentials") as refused:
        await S3Blobs(s3.bucket, "", wrong).check()

    assert "somebody-else" not in refused.value.message


async def test_a_server_out_of_reach_is_unavailable() -> None:
    nobody = S3Access(
        endpoint=f"http://127.0.0.1:{free_port()}",
        access_key_id="a",
        secret_access_key=SecretStr("b"),
        allow_http=True,
        retries=0,
    )

    with pytest.raises(BlobsUnavailable) as refused:
        await S3Blobs("stoa", "", nobody).write(new_blob_key(), once(b"x"))

    assert not isinstance(refused.value, BlobsRefused)
    assert "127.0.0.1" not in refused.value.message


async def test_a_refused_upload_of_many_parts_ends_at_once(s3: S3Server) -> None:
    read_mib = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal read_mib
        for _ in range(2_000):
            read_mib += 1
            yield bytes(MIB)

    with pytest.raises(BlobsRefused):
        await S3Blobs("nowhere", "", s3.access()).write(new_blob_key(), long())

    assert read_mib < 100


@pytest.mark.parametrize(
    ("url", "access", "complaint"),
    [
        ("ftp://somewhere", {}, "blobs_url"),
        ("s3://", {}, "blobs_url"),
        ("s3://stoa", {"endpoint": "http://blobs:8333"}, "GATEWAY_S3__ALLOW_HTTP=true"),
        ("s3://stoa", {"access_key_id": "stoa"}, "GATEWAY_S3__SECRET_ACCESS_KEY together"),
    ],
)
def test_settings_that_reach_no_store_are_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, access: dict[str, str], complaint: str
) -> None:
    monkeypatch.setenv("STOA_SERVICE_SECRET", "a service secret that only tests know")

    with pytest.raises(ValidationError, match=complaint):
        Settings.model_validate({"database_url": "x", "blobs_url": url, "s3": access})


@pytest.mark.parametrize(
    ("url", "where"), [("s3://stoa", ("stoa", "")), ("s3://stoa/a/b/", ("stoa", "a/b"))]
)
def test_an_address_names_bucket_and_prefix(
    url: str, where: tuple[str, str], tmp_path: Path
) -> None:
    settings = gateway_settings("x", tmp_path).model_copy(update={"blobs_url": url})

    assert settings.blobs_bucket() == where
