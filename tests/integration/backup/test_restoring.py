"""A backup taken while people work, brought back into an empty installation."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from gateway.adapters.blobs_folder import FolderBlobs
from gateway.backup import take_backup
from gateway.backups.taking import BackupTaker
from gateway.restore import restore_backup
from gateway.settings import Settings
from retrieval.restore_index import put_back
from tests.integration.backup.conftest import InUse
from tests.integration.backup.places import OPERATOR, ask
from tests.support import documents
from tests.support.gateway import Person, changed, found

Opening = Callable[[Settings, Path], Any]
_OUTBOX, _FORGET_OLD = "SELECT id FROM outbox", "DELETE FROM outbox WHERE id = ANY(:ids)"
_PICTURES = "SELECT blob_key FROM page_pictures ORDER BY number"
_OF_PDF = "SELECT id FROM passages WHERE page = 1 ORDER BY index LIMIT 1"
READY = "SELECT count(*) FROM document_versions WHERE stage = 'ready' AND stamp IS NOT NULL"


def _taken(in_use: InUse) -> Path:
    folder, _ = asyncio.run(take_backup(in_use.here.settings, in_use.here.folder / "backups"))
    return folder


def test_old_passwords_and_sessions_work_and_the_citation_is_the_same(
    standing: InUse, empty: Settings, tmp_path: Path, open_again: Opening
) -> None:
    backup = _taken(standing)
    asyncio.run(restore_backup(empty, backup))
    put_back(backup / "vectors.tar.gz", tmp_path / "new" / "index")

    with open_again(empty, tmp_path / "new") as there:
        ada = Person(there.gateway.http, standing.ada.token)
        assert ask(ada, standing.slug) == standing.message
        assert there.olivia().get("/v1/me")[1]["email"] == OPERATOR
        assert (
            ada.http.get(f"/v1/files/{standing.file_id}/content", headers=ada.headers()).content
            == standing.ada.http.get(
                f"/v1/files/{standing.file_id}/content", headers=standing.ada.headers()
            ).content
        )


def test_without_copied_vectors_they_are_made_again_under_the_same_ids(
    standing: InUse, empty: Settings, tmp_path: Path, open_again: Opening
) -> None:
    restored = asyncio.run(restore_backup(empty, _taken(standing)))

    with open_again(empty, tmp_path / "new") as there:
        ada = Person(there.gateway.http, standing.ada.token)
        before = ask(ada, standing.slug)
        names = there.work(restored.to_be_indexed)
        after = ask(ada, standing.slug)

    assert before["annotations"] == []
    assert names == ["ingest.reindex_version"]
    assert after == standing.message


def test_copied_vectors_are_checked_and_not_made_again(
    standing: InUse, empty: Settings, tmp_path: Path, open_again: Opening
) -> None:
    backup = _taken(standing)
    restored = asyncio.run(restore_backup(empty, backup))
    put_back(backup / "vectors.tar.gz", tmp_path / "new" / "index")

    with open_again(empty, tmp_path / "new") as there:
        waiting = asyncio.run(found(there.gateway.database_url, READY))
        there.work(restored.to_be_indexed)
        checked = asyncio.run(found(there.gateway.database_url, READY))
        assert (
            ask(Person(there.gateway.http, standing.ada.token), standing.slug) == standing.message
        )

    assert (waiting, checked) == ([(0,)], [(1,)])


def test_a_published_version_still_reads_the_document_as_it_was_then(
    in_use: InUse, empty: Settings, tmp_path: Path, open_again: Opening
) -> None:
    ada, path = in_use.ada, f"/v1/vector_stores/{in_use.collection_id}/files"
    ada.post(path, {"file_id": in_use.file_id})  # read again: the published version keeps the old
    in_use.here.work()
    before = ask(ada, in_use.slug)
    restored = asyncio.run(restore_backup(empty, _taken(in_use)))

    with open_again(empty, tmp_path / "new") as there:
        there.work(restored.to_be_indexed)
        after = ask(Person(there.gateway.http, ada.token), in_use.slug)

    assert restored.to_be_indexed == 2
    assert after == before
    assert after["annotations"][0]["file_citation"]["document_version"] == 1


def test_a_backup_taken_under_writes_is_one_consistent_moment(
    in_use: InUse, empty: Settings
) -> None:
    stop, written = threading.Event(), list[str]()

    def write() -> None:
        while not stop.is_set():
            ask(in_use.ada, in_use.slug)
            name = f"note-{len(written)}.md"
            written.append(in_use.here.add(in_use.ada, in_use.collection_id, name, b"# Note\n\nx"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup = _taken(in_use)
    finally:
        stop.set()
        writer.join()
    restored = asyncio.run(restore_backup(empty, backup))  # compares counts, sums and checksums

    assert written
    assert restored.manifest.lost_blobs == []
    assert restored.manifest.tables["files"] <= len(written) + 1


def test_a_document_that_was_being_read_is_read_from_the_start(
    in_use: InUse, empty: Settings, tmp_path: Path, open_again: Opening
) -> None:
    late = in_use.here.add(in_use.ada, in_use.collection_id, "late.md", b"# Late\n\nStill queued.")
    backup = _taken(in_use)
    old = [row[0] for row in asyncio.run(found(in_use.here.gateway.database_url, _OUTBOX))]
    asyncio.run(restore_backup(empty, backup))
    # As if the message had been sent before, and lost with the broker.
    asyncio.run(changed(empty.database_url.get_secret_value(), _FORGET_OLD, ids=old))

    with open_again(empty, tmp_path / "new") as there:
        there.work(2)
        ada = Person(there.gateway.http, in_use.ada.token)
        _, document = ada.get(f"/v1/vector_stores/{in_use.collection_id}/files/{late}")

    assert document["status"] == "completed"


def test_what_was_deleted_while_the_backup_was_taken_stays_deleted(
    in_use: InUse, empty: Settings, tmp_path: Path, open_again: Opening
) -> None:
    note = in_use.here.add(in_use.ada, in_use.collection_id, "note.md", b"# Note\n\nGone soon.")
    in_use.here.work()

    def delete() -> None:
        in_use.ada.delete(f"/v1/files/{note}")
        in_use.here.work()

    backup = _taken_while(in_use, delete)
    restored = asyncio.run(restore_backup(empty, backup))

    with open_again(empty, tmp_path / "new") as there:
        ada = Person(there.gateway.http, in_use.ada.token)
        assert ada.get(f"/v1/files/{note}")[0] == 404
        assert ada.get(f"/v1/files/{in_use.file_id}")[0] == 200
    assert restored.manifest.changes.deleted_files == [note]
    assert restored.manifest.lost_blobs == []


def test_pictures_of_pages_come_back_and_one_that_is_missing_is_forgotten(
    in_use: InUse, empty: Settings, tmp_path: Path, open_again: Opening
) -> None:
    booklet = documents.english_pdf()
    in_use.here.add(in_use.ada, in_use.collection_id, booklet.name, booklet.content)
    in_use.here.work()
    url = in_use.here.gateway.database_url
    keys = [row[0] for row in asyncio.run(found(url, _PICTURES))]
    lost = in_use.here.settings.blobs_folder() / keys[1][:2] / keys[1][2:4] / keys[1]
    lost.unlink()
    restored = asyncio.run(restore_backup(empty, _taken(in_use)))
    ((passage_id,),) = asyncio.run(found(url, _OF_PDF))

    with open_again(empty, tmp_path / "new") as there:
        ada = Person(there.gateway.http, in_use.ada.token)
        path = f"/v1/passages/{passage_id}/pages"
        statuses = [
            there.gateway.http.get(f"{path}/{number}", headers=ada.headers()).status_code
            for number in (1, 2, 3)
        ]
    assert len(keys) == 5
    assert restored.manifest.changes.missing_pictures == [keys[1]]
    assert restored.manifest.lost_blobs == []
    assert statuses == [200, 404, 200]


class InterruptedBlobs(FolderBlobs):
    """The folder of blobs, where something happens before the first of them is read."""

    def __init__(self, folder: Path, event: Callable[[], None]) -> None:
        super().__init__(folder)
        self._events = [event]

    async def read(self, key: str) -> AsyncIterator[bytes]:
        while self._events:
            self._events.pop()()
        async for block in super().read(key):
            yield block


def _taken_while(in_use: InUse, event: Callable[[], None]) -> Path:
    """A backup with an event between its snapshot and its blobs."""

    async def no_vectors() -> AsyncIterator[bytes]:
        yield b""

    settings = in_use.here.settings
    taker = BackupTaker(
        settings.database_url.get_secret_value(),
        InterruptedBlobs(settings.blobs_folder(), event),
        no_vectors,
    )
    folder, _ = asyncio.run(taker.take(in_use.here.folder / "backups"))
    return folder
