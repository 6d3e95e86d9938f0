"""A file is replaced by its next version: what named the former one keeps it."""

from contracts.principal import CollectionGrant
from gateway.db import Database
from gateway.knowledge.service.reading import PassageReader
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import TEXT, carry, collection_of, document_of, version_sent

NEW = "The colonnade is closed in winter."


def replaced(person: Person, collection: str, former: str) -> str:
    """The id of the file that stands in its place."""
    _, file = person.upload("rules.txt", NEW.encode())
    path = f"/v1/vector_stores/{collection}/files/{former}/replace"
    status, document = person.post(path, {"file_id": file["id"]})
    assert status == 200, document
    assert (document["id"], document["document_version"]) == (file["id"], 2)
    file_id: str = file["id"]
    return file_id


def published(person: Person, collection: str) -> str:
    """An assistant with one version that reads the collection as it is."""
    resources = {"file_search": {"vector_store_ids": [collection]}}
    _, made = person.post("/v1/assistants", {"name": "Guide", "tool_resources": resources})
    person.post(f"/v1/assistants/{made['id']}/publish")
    assistant_id: str = made["id"]
    return assistant_id


async def test_former_passages_stay_for_former_epochs_and_new_ones_count_from_then_on(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    former = document_of(ada, collection)
    old = carry(gateway, version_sent(gateway))
    new_file = replaced(ada, collection, former)
    new = carry(gateway, version_sent(gateway, 2), NEW)
    database = Database(gateway.database_url)
    reader = PassageReader(database)
    at = [
        [
            (each.text, each.file_id)
            for each in await reader.load(
                ada.workspace_id,
                [*old, *new],
                [CollectionGrant(collection_id=collection, epoch=epoch)],
            )
        ]
        for epoch in (1, None)
    ]
    await database.close()

    assert at == [[(TEXT, former)], [(NEW, new_file)]]
    assert ada.get(f"/v1/vector_stores/{collection}/files/{former}")[0] == 404
    assert ada.get(f"/v1/passages/{old[0]}")[0] == 200


def test_a_version_shows_the_file_it_read_and_the_comparison_one_file_read_anew(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    former = document_of(ada, collection)
    carry(gateway, version_sent(gateway))
    assistant = published(ada, collection)
    new_file = replaced(ada, collection, former)
    carry(gateway, version_sent(gateway, 2), NEW)
    _, version = ada.get(f"/v1/assistants/{assistant}/versions/1")
    _, compared = ada.get(f"/v1/assistants/{assistant}/versions/compare?from=1&to=draft")

    assert [each["file_id"] for each in version["collections"][0]["files"]] == [former]
    assert [(each["kind"], each["file_id"]) for each in compared["files"]] == [("reread", new_file)]


def test_a_document_that_is_read_or_there_already_is_not_replaced(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    former = document_of(ada, collection)
    path = f"/v1/vector_stores/{collection}/files/{former}/replace"
    early = ada.post(path, {"file_id": ada.upload("b.txt", b"B")[1]["id"]})
    carry(gateway, version_sent(gateway))
    with_itself = ada.post(path, {"file_id": former})
    with_nothing = ada.post(path, {"file_id": "file-none"})

    assert [(status, problem["code"]) for status, problem in (early, with_itself)] == [
        (409, "still_reading"),
        (409, "file_there_already"),
    ]
    assert with_nothing[0] == 404


def test_deleting_the_document_forgets_the_files_it_was_before(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    former = document_of(ada, collection)
    old = carry(gateway, version_sent(gateway))
    new_file = replaced(ada, collection, former)
    carry(gateway, version_sent(gateway, 2), NEW)
    ada.delete(f"/v1/vector_stores/{collection}/files/{new_file}")

    assert ada.get(f"/v1/files/{former}")[0] == 404
    assert ada.get(f"/v1/files/{new_file}")[0] == 200
    assert ada.get(f"/v1/passages/{old[0]}")[0] == 404


def test_a_former_file_deleted_by_itself_is_read_by_no_version_any_more(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    former = document_of(ada, collection)
    old = carry(gateway, version_sent(gateway))
    assistant = published(ada, collection)
    new_file = replaced(ada, collection, former)
    new = carry(gateway, version_sent(gateway, 2), NEW)
    ada.delete(f"/v1/files/{former}")
    _, version = ada.get(f"/v1/assistants/{assistant}/versions/1")
    _, document = ada.get(f"/v1/vector_stores/{collection}/files/{new_file}")

    assert ada.get(f"/v1/passages/{old[0]}")[0] == 404
    assert ada.get(f"/v1/passages/{new[0]}")[0] == 200
    assert version["collections"][0]["files"] == []
    assert document["status"] == "completed"
