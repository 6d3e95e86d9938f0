"""What is refused: damaged and unfinished backups, and installations that are not empty."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.errors import ServiceUnavailable
from gateway.adapters.blobs_folder import FolderBlobs
from gateway.backup import take_backup
from gateway.backups.errors import BackupFailed, NotABackup, NotRestorable
from gateway.backups.manifest import read_manifest, write_manifest
from gateway.backups.taking import BackupTaker
from gateway.migrate import migrate
from gateway.restore import restore_backup
from gateway.settings import Settings
from tests.integration.backup.conftest import InUse
from tests.support.gateway import SERVICE_SECRET, Databases, changed, found

TABLES = (
    "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


@pytest.fixture(scope="module")
def good_backup(standing: InUse) -> Path:
    folder, _ = asyncio.run(take_backup(standing.here.settings, standing.here.folder / "backups"))
    return folder


@pytest.fixture
def backup(good_backup: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may damage."""
    return shutil.copytree(good_backup, tmp_path / "backup")


def _restore(empty: Settings, backup: Path) -> None:
    asyncio.run(restore_backup(empty, backup))


def _is_untouched(empty: Settings) -> bool:
    tables = asyncio.run(found(empty.database_url.get_secret_value(), TABLES))
    return tables == [(0,)] and not empty.blobs_folder().exists()


def _any_blob(backup: Path) -> Path:
    return next(path for path in sorted((backup / "blobs").rglob("*")) if path.is_file())


def test_a_flipped_byte_is_named_and_nothing_is_touched(backup: Path, empty: Settings) -> None:
    for damaged in (backup / "database.dump", _any_blob(backup), backup / "vectors.tar.gz"):
        whole = damaged.read_bytes()
        middle = len(whole) // 2
        damaged.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        with pytest.raises(NotABackup, match=damaged.name):
            _restore(empty, backup)
        damaged.write_bytes(whole)

    assert _is_untouched(empty)


def test_a_changed_manifest_is_refused(backup: Path, empty: Settings) -> None:
    text = (backup / "manifest.json").read_text()
    (backup / "manifest.json").write_text(text.replace('"ledger": ', '"ledger": 1'))

    with pytest.raises(NotABackup, match=r"manifest\.json is not what was written"):
        _restore(empty, backup)
    assert _is_untouched(empty)


def test_a_missing_file_is_named(backup: Path, empty: Settings) -> None:
    blob = _any_blob(backup)
    blob.unlink()

    with pytest.raises(NotABackup, match=f"{blob.name} is missing"):
        _restore(empty, backup)
    assert _is_untouched(empty)


def test_a_backup_of_a_newer_schema_is_refused(backup: Path, empty: Settings) -> None:
    newer = read_manifest(backup).model_copy(update={"schema_revision": "9999"})
    write_manifest(backup, newer)

    with pytest.raises(NotABackup, match="schema 9999, which is newer"):
        _restore(empty, backup)
    assert _is_untouched(empty)


def test_a_second_restore_is_refused(backup: Path, empty: Settings) -> None:
    _restore(empty, backup)

    with pytest.raises(NotRestorable, match="this installation is not empty"):
        _restore(empty, backup)


def test_an_installation_in_use_is_refused(standing: InUse, backup: Path) -> None:
    with pytest.raises(NotRestorable, match="Stoa is running on this database"):
        _restore(standing.here.settings, backup)

    assert standing.ada.get("/v1/me")[0] == 200


def test_an_installation_that_was_only_started_counts_as_empty(
    backup: Path, empty: Settings
) -> None:
    url = empty.database_url.get_secret_value()
    asyncio.run(migrate(url))
    asyncio.run(changed(url, "INSERT INTO claims (id, token_hash) VALUES ('clm_1', 'x')"))

    _restore(empty, backup)

    assert asyncio.run(found(url, "SELECT count(*) FROM claims")) == [(0,)]


def test_a_restore_that_was_cut_off_can_be_done_again(backup: Path, empty: Settings) -> None:
    url = empty.database_url.get_secret_value()
    _restore(empty, backup)
    asyncio.run(changed(url, "CREATE TABLE stoa_restoring (id int)"))  # killed before its last step

    _restore(empty, backup)

    assert asyncio.run(found(url, "SELECT to_regclass('stoa_restoring')::text")) == [(None,)]


def test_an_older_backup_is_brought_to_the_newest_schema(
    databases: Databases, empty: Settings, tmp_path: Path
) -> None:
    old = databases.empty()
    asyncio.run(migrate(old, target="0001"))
    folder, _ = asyncio.run(_taker(old, tmp_path / "blobs").take(tmp_path))

    _restore(empty, folder)

    url = empty.database_url.get_secret_value()
    assert asyncio.run(found(url, "SELECT to_regclass('invites')::text")) == [("invites",)]


async def _nothing() -> AsyncIterator[bytes]:
    for block in (b"half a copy",):
        yield block
        raise ServiceUnavailable("Retrieval is away.")


def _taker(database_url: str, blobs: Path) -> BackupTaker:
    return BackupTaker(database_url, FolderBlobs(blobs), _nothing)


def test_a_backup_without_retrieval_says_so(standing: InUse, tmp_path: Path) -> None:
    settings = standing.here.settings
    taker = _taker(settings.database_url.get_secret_value(), settings.blobs_folder())
    folder, manifest = asyncio.run(taker.take(tmp_path))

    assert manifest.vectors == "not copied: Retrieval is away."
    assert not (folder / "vectors.tar.gz").exists()


def test_a_blob_that_the_store_has_lost_is_named(standing: InUse, tmp_path: Path) -> None:
    url = standing.here.settings.database_url.get_secret_value()
    taker = _taker(url, tmp_path / "a store that holds nothing")
    _, manifest = asyncio.run(taker.take(tmp_path))

    assert standing.file_id in manifest.lost_blobs
    assert any(lost.startswith("dvr_") for lost in manifest.lost_blobs)  # its text


def test_a_backup_that_fails_leaves_nothing(standing: InUse, tmp_path: Path) -> None:
    settings = standing.here.settings
    taker = BackupTaker(
        settings.database_url.get_secret_value(),
        FolderBlobs(settings.blobs_folder()),
        _nothing,
        tools_folder=Path("/bin"),
    )
    with pytest.raises((BackupFailed, OSError)):
        asyncio.run(taker.take(tmp_path / "backups"))

    assert list((tmp_path / "backups").iterdir()) == []


def test_a_killed_backup_leaves_no_manifest(standing: InUse, tmp_path: Path) -> None:
    for _ in range(8):
        standing.ada.upload("large.bin", os.urandom(1 << 20))
    target = tmp_path / "backups"
    backing_up = subprocess.Popen(
        [sys.executable, "-m", "gateway.backup", str(target)], env=_environment(standing)
    )
    while backing_up.poll() is None and not list(target.glob("*/blobs/*/*/*")):
        pass
    backing_up.kill()
    backing_up.wait()

    assert list(target.glob("*/manifest.json")) == []


def test_the_commands_tell_what_they_did_and_keep_it_private(
    standing: InUse, empty: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "backups"
    took = _run("gateway.backup", str(target), _environment(standing))
    folder = Path(took.stdout.splitlines()[0])
    url = {
        "GATEWAY_DATABASE_URL": empty.database_url.get_secret_value(),
        "GATEWAY_BLOBS_URL": empty.blobs_url,
    }
    restored = _run("gateway.restore", str(folder), _environment(standing) | url)
    again = _run("gateway.restore", str(folder), _environment(standing) | url)

    assert "vectors copied" in took.stdout
    assert {path.stat().st_mode & 0o077 for path in [folder, *folder.rglob("*")]} == {0}
    assert SERVICE_SECRET not in (folder / "manifest.json").read_text()
    assert "Restored the backup of" in restored.stdout
    assert (took.returncode, restored.returncode, again.returncode) == (0, 0, 1)
    assert again.stderr.startswith("Nothing was restored: this installation is not empty")
    assert again.stderr.count("\n") == 1


def test_the_manifest_names_the_model_the_schema_and_the_ledger(backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())

    assert manifest["tables"]["ledger"] == manifest["ledger"][0]["rows"] > 0
    assert int(manifest["ledger"][0]["amount_pico"]) >= 0
    assert manifest["embedding_stamps"][0]["versions"] == 1
    assert manifest["schema_revision"].isdigit()


def _run(module: str, word: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, word],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _environment(standing: InUse) -> dict[str, str]:
    settings = standing.here.settings
    return {
        "PYTHONPATH": ":".join(sys.path),
        "GATEWAY_DATABASE_URL": settings.database_url.get_secret_value(),
        "GATEWAY_BLOBS_URL": settings.blobs_url,
        "GATEWAY_RETRIEVAL_URL": settings.retrieval_url,
        "STOA_SERVICE_SECRET": SERVICE_SECRET,
        "STOA_REDIS_URL": "redis://127.0.0.1:9/0",
    }
