"""What every blob store does. Today there is one: a folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.adapters.blobs_folder import FolderBlobs
from gateway.blobs import BlobMissing, Blobs, new_blob_key, once, whole


@pytest.fixture(params=["folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    stores = {"folder": lambda: FolderBlobs(tmp_path / "blobs")}
    return stores[request.param]()


class ReaderLeft(Exception):
    """The upload ends in the middle."""


async def _broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise ReaderLeft


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_written_is_read(blobs: Blobs) -> None:
    content = bytes(range(256)) * 10_000
    stored = await blobs.write(new_blob_key(), once(content))

    assert stored.size_bytes == len(content)
    assert await whole(blobs, stored.key) == content


async def test_the_hash_is_of_the_stored_bytes(blobs: Blobs) -> None:
    stored = await blobs.write(new_blob_key(), once(b"abc"))

    assert stored.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


async def test_an_upload_that_breaks_off_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    key = new_blob_key()
    with pytest.raises(ReaderLeft):
        await blobs.write(key, _broken())
    with pytest.raises(BlobMissing):
        await whole(blobs, key)

    assert _files(tmp_path) == []


async def test_removing_twice_is_no_error(blobs: Blobs) -> None:
    stored = await blobs.write(new_blob_key(), once(b"abc"))
    await blobs.remove(stored.key)
    await blobs.remove(stored.key)

    with pytest.raises(BlobMissing):
        await whole(blobs, stored.key)


async def test_the_check_leaves_nothing_behind(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.check()

    assert _files(tmp_path) == []


async def test_a_key_is_never_a_path(blobs: Blobs) -> None:
    with pytest.raises(ValueError, match="not a blob key"):
        await blobs.write("../" * 10 + "etc/passwd", once(b"x"))


async def test_a_store_that_cannot_be_written_fails_its_check(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")

    with pytest.raises(OSError, match="blobs"):
        await FolderBlobs(tmp_path / "blobs").check()
