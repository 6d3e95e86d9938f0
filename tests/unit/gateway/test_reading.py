"""The second lock: whatever an index said, only what the grants allow is loaded."""

from collections.abc import AsyncIterator

import pytest

from contracts.jobs import ReadyReport
from contracts.principal import CollectionGrant
from gateway.db import Database
from gateway.knowledge.service.reading import PassageReader
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import (
    carry,
    claim,
    collection_of,
    document_of,
    finish,
    version_sent,
    write_passages,
)


@pytest.fixture
async def reader(gateway: RunningGateway) -> AsyncIterator[PassageReader]:
    database = Database(gateway.database_url)
    yield PassageReader(database)
    await database.close()


async def _read(
    reader: PassageReader, person: Person, passage_ids: list[str], *grants: CollectionGrant
) -> list[str]:
    loaded = await reader.load(person.workspace_id, passage_ids, grants)
    return [passage.passage_id for passage in loaded]


async def test_a_frozen_epoch_reads_what_was_current_then(
    gateway: RunningGateway, ada: Person, reader: PassageReader
) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    old = carry(gateway, version_sent(gateway))
    ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file_id})
    new = carry(gateway, version_sent(gateway, 2), "Changed.")
    both = new + old

    def at(epoch: int | None) -> CollectionGrant:
        return CollectionGrant(collection_id=collection, epoch=epoch)

    assert await _read(reader, ada, both, at(1)) == old
    assert await _read(reader, ada, both, at(2)) == new
    assert await _read(reader, ada, both, at(None)) == new
    assert await _read(reader, ada, both, at(0)) == []


async def test_between_epoch_and_reveal_the_former_version_still_answers(
    gateway: RunningGateway, ada: Person, reader: PassageReader
) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    old = carry(gateway, version_sent(gateway))
    ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file_id})
    job = claim(gateway, version_sent(gateway, 2))
    new = write_passages(gateway, job, "Changed.")
    grant = CollectionGrant(collection_id=collection)
    unseen = await _read(reader, ada, new + old, grant)
    finish(gateway, job)
    between = await _read(reader, ada, new + old, grant)
    gateway.jobs().ready(job.document_version_id, ReadyReport(fence=job.fence))

    assert unseen == old
    assert between == new + old
    assert await _read(reader, ada, new + old, grant) == new


async def test_grants_open_nothing_of_another_workspace(
    gateway: RunningGateway, ada: Person, bob: Person, reader: PassageReader
) -> None:
    collection, other = collection_of(ada), collection_of(ada, "Other")
    document_of(ada, collection)
    passage_ids = carry(gateway, version_sent(gateway))
    grant = CollectionGrant(collection_id=collection)

    assert await _read(reader, ada, passage_ids, grant) == passage_ids
    assert await _read(reader, bob, passage_ids, grant) == []
    assert await _read(reader, ada, passage_ids, CollectionGrant(collection_id=other)) == []
    assert await _read(reader, ada, passage_ids) == []


async def test_passages_come_in_the_order_asked_with_their_source(
    gateway: RunningGateway, ada: Person, reader: PassageReader
) -> None:
    collection = collection_of(ada)
    for number in (1, 2):
        document_of(ada, collection, f"{number}.txt")
    first = carry(gateway, version_sent(gateway, 1))
    second = carry(gateway, version_sent(gateway, 2))
    grants = [CollectionGrant(collection_id=collection)]
    loaded = await reader.load(ada.workspace_id, [*second, "psg_none", *first], grants)

    assert [passage.passage_id for passage in loaded] == second + first
    assert (loaded[0].title, loaded[0].document_version, loaded[0].page) == ("Rules", 1, 1)
