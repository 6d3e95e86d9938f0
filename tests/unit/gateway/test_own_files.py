"""The files of one assistant at its own address."""

from typing import Any

import pytest

from contracts.accounts import Power
from contracts.jobs import FailureReport
from gateway.settings import KnowledgeLimits
from tests.support.gateway import (
    Databases,
    Person,
    RunningGateway,
    gateway_settings,
    running_gateway,
)
from tests.unit.gateway.working import carry, claim, collection_of, version_sent


@pytest.fixture
def key(gateway: RunningGateway, ada: Person, assistant_of_ada: str) -> Person:
    """A key that may feed and read Ada's assistant."""
    return gateway.with_key(ada, "ingest", "read", assistant_id=assistant_of_ada)


def sent(person: Person, assistant: str, name: str = "a.txt", content: bytes = b"a") -> Any:
    answer = person.http.post(
        f"/a/{assistant}/v1/files",
        headers=person.headers(),
        data={"purpose": "assistants"},
        files={"file": (name, content)},
    )
    return answer.json()


def stores_of(person: Person, assistant: str) -> list[str]:
    _, view = person.get(f"/v1/assistants/{assistant}")
    stores: list[str] = view["tool_resources"]["file_search"]["vector_store_ids"]
    return stores


def test_the_first_file_brings_a_collection_and_the_next_one_joins_it(
    ada: Person, key: Person, assistant_of_ada: str
) -> None:
    first = sent(key, assistant_of_ada)
    second = sent(key, assistant_of_ada, "b.txt")
    (store,) = stores_of(ada, assistant_of_ada)
    _, collection = ada.get(f"/v1/vector_stores/{store}")

    assert (first["object"], first["filename"], first["status"]) == ("file", "a.txt", "uploaded")
    assert {first["vector_store_id"], second["vector_store_id"]} == {store}
    assert (collection["name"], collection["file_counts"]["total"]) == ("Atlas", 2)


def test_a_file_is_processed_when_read_and_published_with_the_next_version(
    gateway: RunningGateway, ada: Person, key: Person, assistant_of_ada: str
) -> None:
    file_id = sent(key, assistant_of_ada)["id"]
    path = f"/a/{assistant_of_ada}/v1/files/{file_id}"
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    carry(gateway, version_sent(gateway))
    _, read = key.get(path)
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    _, published = key.get(path)
    _, listed = key.get(f"/a/{assistant_of_ada}/v1/files")

    assert (read["status"], read["is_published"]) == ("processed", False)
    assert (published["status"], published["is_published"]) == ("processed", True)
    assert listed["data"] == [published]


def test_a_file_that_cannot_be_read_says_why(
    gateway: RunningGateway, key: Person, assistant_of_ada: str
) -> None:
    file_id = sent(key, assistant_of_ada)["id"]
    job = claim(gateway, version_sent(gateway))
    report = FailureReport(fence=job.fence, code="invalid_file", message="Broken.", retry=False)
    gateway.jobs().fail(job.document_version_id, report)
    _, file = key.get(f"/a/{assistant_of_ada}/v1/files/{file_id}")

    assert (file["status"], file["status_details"]) == ("error", "Broken.")


def test_content_comes_back_as_a_download(
    gateway: RunningGateway, key: Person, assistant_of_ada: str
) -> None:
    file_id = sent(key, assistant_of_ada, content="柱廊".encode())["id"]
    path = f"/a/{assistant_of_ada}/v1/files/{file_id}/content"
    answer = gateway.http.get(path, headers=key.headers())

    assert answer.content.decode() == "柱廊"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_deleting_takes_the_file_away_for_good(
    ada: Person, key: Person, assistant_of_ada: str
) -> None:
    file_id = sent(key, assistant_of_ada)["id"]
    status, deleted = key.delete(f"/a/{assistant_of_ada}/v1/files/{file_id}")

    assert (status, deleted["id"], deleted["deleted"]) == (200, file_id, True)
    assert key.get(f"/a/{assistant_of_ada}/v1/files/{file_id}")[0] == 404
    assert ada.get(f"/v1/files/{file_id}")[0] == 404


def test_a_file_that_another_assistant_reads_stays_there(
    ada: Person, key: Person, assistant_of_ada: str
) -> None:
    file_id = sent(key, assistant_of_ada)["id"]
    elsewhere = collection_of(ada)
    ada.post(f"/v1/vector_stores/{elsewhere}/files", {"file_id": file_id})
    key.delete(f"/a/{assistant_of_ada}/v1/files/{file_id}")

    assert key.get(f"/a/{assistant_of_ada}/v1/files/{file_id}")[0] == 404
    assert ada.get(f"/v1/vector_stores/{elsewhere}/files/{file_id}")[0] == 200


def test_scopes_hold_at_the_own_address_too(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    reader = gateway.with_key(ada, "read", assistant_id=assistant_of_ada)
    feeder = gateway.with_key(ada, "ingest", assistant_id=assistant_of_ada)
    chatter = gateway.with_key(ada, "chat", assistant_id=assistant_of_ada)
    path = f"/a/{assistant_of_ada}/v1/files"

    assert [sent(who, assistant_of_ada)["error"]["code"] for who in (reader, chatter)] == [
        "scope_missing",
        "scope_missing",
    ]
    assert [who.get(path)[1]["code"] for who in (feeder, chatter)] == [
        "scope_missing",
        "scope_missing",
    ]
    assert reader.get(f"/a/{assistant_of_ada}/v1/models")[1]["code"] == "scope_missing"


def test_who_may_not_change_the_assistant_feeds_it_nothing(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    bea = gateway.enrol("Bea", power=Power.MEMBER, beside=ada)
    refused = sent(bea, assistant_of_ada)

    assert refused["error"]["code"] == "not_the_keeper"
    assert ada.get("/v1/files")[1]["data"] == []
    assert bea.get(f"/a/{assistant_of_ada}/v1/files")[0] == 200


def test_workspace_keys_and_sessions_use_the_address_as_well(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    whole = gateway.with_key(ada, "ingest", "read")
    _, view = ada.get(f"/v1/assistants/{assistant_of_ada}")
    sent(whole, view["slug"])
    sent(ada, assistant_of_ada, "b.txt")
    _, files = whole.get(f"/a/{view['slug']}/v1/files", limit=1, order="asc")

    assert [file["filename"] for file in files["data"]] == ["a.txt"]
    assert files["has_more"] is True


def test_files_may_be_large_up_to_their_limit_and_questions_may_not(
    databases: Databases, tmp_path: Any
) -> None:
    url = databases.fresh()
    settings = gateway_settings(url, tmp_path, knowledge=KnowledgeLimits(file_bytes=2 << 20))
    with running_gateway(url, tmp_path, settings=settings) as gateway:
        ada = gateway.enrol("Ada")
        _, made = ada.post("/v1/assistants", {"name": "Atlas"})
        large = sent(ada, made["id"], content=b"x" * (3 << 19))
        refused = sent(ada, made["id"], content=b"x" * (3 << 20))
        question = {"messages": [{"role": "user", "content": "x" * (2 << 20)}]}
        asked, _ = ada.post(f"/a/{made['id']}/v1/chat/completions", question)

        assert large["bytes"] == 3 << 19
        assert refused["error"]["code"] == "file_too_large"
        assert [file["id"] for file in ada.get("/v1/files")[1]["data"]] == [large["id"]]
        assert asked == 413
