"""Deleting: hidden at once, purged after, and nothing left that nobody needs."""

from pathlib import Path

import pytest

from contracts.errors import RemoteError
from contracts.jobs import PurgeReport
from contracts.principal import CollectionGrant
from gateway.db import Database
from gateway.knowledge.service.reading import PassageReader
from tests.support.gateway import Person, RunningGateway
from tests.support.waiting import wait_until
from tests.unit.gateway.working import (
    carry,
    claim,
    collection_of,
    document_of,
    version_sent,
    write_passages,
)


def _blobs(folder: Path) -> int:
    return sum(1 for path in (folder / "blobs").rglob("*") if path.is_file())


def _purges(gateway: RunningGateway) -> list[str]:
    return [
        task.payload["document_version_id"]
        for task in gateway.sender.sent
        if task.name == "ingest.purge_version"
    ]


def _await_purges(gateway: RunningGateway, count: int) -> list[str]:
    wait_until(lambda: len(_purges(gateway)) >= count, seconds=20, what=f"{count} purges")
    return _purges(gateway)


async def test_a_removed_document_cannot_be_loaded_even_by_a_frozen_epoch(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    passage_ids = carry(gateway, version_sent(gateway))
    database = Database(gateway.database_url)
    reader = PassageReader(database)
    grants = [CollectionGrant(collection_id=collection, epoch=1)]
    before = await reader.load(ada.workspace_id, passage_ids, grants)
    ada.delete(f"/v1/vector_stores/{collection}/files/{file_id}")
    after = await reader.load(ada.workspace_id, passage_ids, grants)
    await database.close()

    assert (len(before), after) == (1, [])
    assert ada.get(f"/v1/passages/{passage_ids[0]}")[0] == 404
    assert ada.get(f"/v1/files/{file_id}")[0] == 200


def test_a_purge_that_left_nothing_removes_the_text(
    gateway: RunningGateway, ada: Person, tmp_path: Path
) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    version_id = version_sent(gateway)
    carry(gateway, version_id)
    before = _blobs(tmp_path)
    ada.delete(f"/v1/vector_stores/{collection}/files/{file_id}")
    purges = _await_purges(gateway, 1)
    job = gateway.jobs().purge(version_id)
    gateway.jobs().purged(version_id, PurgeReport(remaining=0))

    assert purges == [version_id]
    assert job.workspace_id == ada.workspace_id
    assert (before, _blobs(tmp_path)) == (2, 1)
    with pytest.raises(RemoteError) as refusal:
        gateway.jobs().purge(version_id)
    assert refusal.value.code == "job_not_found"


def test_what_a_purge_left_is_purged_again(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    version_id = version_sent(gateway)
    carry(gateway, version_id)
    ada.delete(f"/v1/vector_stores/{collection}/files/{file_id}")
    _await_purges(gateway, 1)
    gateway.jobs().purged(version_id, PurgeReport(remaining=3))

    assert _await_purges(gateway, 2) == [version_id, version_id]


def test_a_purge_nobody_reported_is_asked_for_again(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    carry(gateway, version_sent(gateway))
    ada.delete(f"/v1/vector_stores/{collection}/files/{file_id}")
    _await_purges(gateway, 1)
    gateway.clock.forward(11 * 60)
    gateway.jobs().sweep()

    assert len(_await_purges(gateway, 2)) == 2


def test_a_deleted_file_goes_with_its_documents_and_bytes(
    gateway: RunningGateway, ada: Person, tmp_path: Path
) -> None:
    first, second = collection_of(ada), collection_of(ada, "Other")
    file_id = document_of(ada, first)
    ada.post(f"/v1/vector_stores/{second}/files", {"file_id": file_id})
    for number in (1, 2):
        carry(gateway, version_sent(gateway, number))
    ada.delete(f"/v1/files/{file_id}")
    hidden = [ada.get(f"/v1/vector_stores/{found}/files")[1]["data"] for found in (first, second)]
    for version_id in _await_purges(gateway, 2):
        gateway.jobs().purged(version_id, PurgeReport(remaining=0))

    assert hidden == [[], []]
    assert _blobs(tmp_path) == 0


def test_a_deleted_collection_takes_its_documents_along(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    passage_ids = carry(gateway, version_sent(gateway))
    ada.delete(f"/v1/vector_stores/{collection}")

    assert ada.get(f"/v1/vector_stores/{collection}")[0] == 404
    assert ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")[0] == 404
    assert ada.get(f"/v1/passages/{passage_ids[0]}")[0] == 404
    assert len(_await_purges(gateway, 1)) == 1


def test_a_worker_on_a_removed_document_is_stopped(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    job = claim(gateway, version_sent(gateway))
    ada.delete(f"/v1/vector_stores/{collection}/files/{file_id}")

    with pytest.raises(RemoteError) as refusal:
        write_passages(gateway, job)

    assert refusal.value.code == "lease_lost"


def test_a_removed_file_can_be_put_back(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    carry(gateway, version_sent(gateway))
    ada.delete(f"/v1/vector_stores/{collection}/files/{file_id}")
    status, document = ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file_id})
    passage_ids = carry(gateway, version_sent(gateway, 2))

    assert (status, document["document_version"]) == (200, 1)
    assert ada.get(f"/v1/passages/{passage_ids[0]}")[0] == 200
