"""Documents: from a file to passages, as people watch it."""

import asyncio

import httpx2
import pytest

from contracts.errors import RemoteError
from contracts.jobs import (
    FailureReport,
    PassageSpan,
    PassagesUpload,
    ProgressReport,
    ReadyReport,
    Stage,
    TextUpload,
)
from tests.support.gateway import Person, RunningGateway, found
from tests.unit.gateway.working import (
    TEXT,
    carry,
    claim,
    collection_of,
    document_of,
    finish,
    version_sent,
    write_passages,
)


def test_a_document_becomes_ready(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    _, queued = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")
    carry(gateway, version_sent(gateway))
    _, ready = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")
    _, store = ada.get(f"/v1/vector_stores/{collection}")

    assert (queued["status"], queued["progress"]["stage"]) == ("in_progress", "queued")
    assert (ready["status"], ready["progress"]["percent"]) == ("completed", 100)
    assert (ready["passage_count"], ready["document_version"]) == (1, 1)
    assert store["file_counts"]["completed"] == 1
    assert (store["epoch"], store["usage_bytes"]) == (1, len(TEXT.encode()))


def test_a_collection_can_begin_with_files(ada: Person) -> None:
    _, file = ada.upload("a.txt", b"a")
    _, store = ada.post("/v1/vector_stores", {"name": "Rules", "file_ids": [file["id"]]})

    assert (store["status"], store["file_counts"]["in_progress"]) == ("in_progress", 1)


def test_passages_are_verbatim_spans_of_the_text(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    passage_ids = carry(gateway, version_sent(gateway))
    _, listed = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}/passages")
    _, passage = ada.get(f"/v1/passages/{passage_ids[0]}")

    assert listed["data"] == [passage]
    assert passage["text"] == TEXT
    assert (passage["start"], passage["end"], passage["page"]) == (0, len(TEXT), 1)


def test_passages_are_listed_in_the_order_of_the_text(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    job = claim(gateway, version_sent(gateway))
    jobs, version_id = gateway.jobs(), job.document_version_id
    jobs.put_text(version_id, TextUpload(fence=job.fence, title="T", text="abcdefghij"))
    spans = [PassageSpan(index=n, start=n, end=n + 1) for n in range(10)]
    jobs.put_passages(version_id, PassagesUpload(fence=job.fence, passages=spans[::-1]))
    finish(gateway, job)
    jobs.ready(version_id, ReadyReport(fence=job.fence))
    path = f"/v1/vector_stores/{collection}/files/{file_id}/passages"
    _, first = ada.get(path, limit=4, order="asc")
    _, second = ada.get(path, limit=4, order="asc", after=first["last_id"])

    assert "".join(item["text"] for item in first["data"] + second["data"]) == "abcdefgh"


def test_a_span_outside_the_text_is_refused(gateway: RunningGateway, ada: Person) -> None:
    document_of(ada, collection_of(ada))
    job = claim(gateway, version_sent(gateway))
    write_passages(gateway, job, "short")
    beyond = PassagesUpload(fence=job.fence, passages=[PassageSpan(index=0, start=2, end=6)])

    with pytest.raises(RemoteError) as refusal:
        gateway.jobs().put_passages(job.document_version_id, beyond)

    assert refusal.value.code == "span_outside_text"


def test_passages_sent_again_keep_their_ids(gateway: RunningGateway, ada: Person) -> None:
    document_of(ada, collection_of(ada))
    job = claim(gateway, version_sent(gateway))

    assert write_passages(gateway, job) == write_passages(gateway, job)


def test_the_same_file_again_is_the_next_version(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    path = f"/v1/vector_stores/{collection}/files"
    _, while_reading = ada.post(path, {"file_id": file_id})
    first = carry(gateway, version_sent(gateway))
    _, again = ada.post(path, {"file_id": file_id})
    job = claim(gateway, version_sent(gateway, 2))
    write_passages(gateway, job, "The colonnade is closed.")
    result = finish(gateway, job)
    gateway.jobs().ready(job.document_version_id, ReadyReport(fence=job.fence))
    _, listed = ada.get(f"{path}/{file_id}/passages")

    assert (while_reading["document_version"], again["document_version"]) == (1, 2)
    assert result.from_epoch == 2
    assert result.replaces_version_id is not None
    assert [item["text"] for item in listed["data"]] == ["The colonnade is closed."]
    assert ada.get(f"/v1/passages/{first[0]}")[0] == 200  # an older answer still cites it


def test_progress_never_goes_back(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    job = claim(gateway, version_sent(gateway))
    seen = []
    for stage, done in [
        (Stage.PARSING, 1),
        (Stage.EMBEDDING, 5),
        (Stage.SPLITTING, 1),
        (Stage.EMBEDDING, 3),
        (Stage.EMBEDDING, 10),
        (Stage.INDEXING, 1),
    ]:
        report = ProgressReport(fence=job.fence, stage=stage, done=done, total=10)
        gateway.jobs().report(job.document_version_id, report)
        _, shown = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")
        seen.append(shown["progress"]["percent"])

    assert seen == sorted(seen)
    assert seen[0] > 0
    assert 90 <= seen[-1] < 100


def test_events_tell_progress_and_end_with_done(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    version_id = version_sent(gateway)
    path = f"/v1/vector_stores/{collection}/files/{file_id}/events"
    with httpx2.stream("GET", gateway.address + path, headers=ada.headers(), timeout=30) as answer:
        lines = answer.iter_lines()
        first = next(line for line in lines if line.startswith("event:"))
        carry(gateway, version_id)
        rest = [line for line in lines if line.startswith("event:")]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first == "event: progress"
    assert rest[-1] == "event: done"


def test_events_of_a_foreign_document_are_a_plain_404(ada: Person, bob: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    status, problem = bob.get(f"/v1/vector_stores/{collection}/files/{file_id}/events")

    assert (status, problem["code"]) == (404, "vector_store_not_found")


def test_a_failed_document_says_why_and_can_be_tried_again(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    path = f"/v1/vector_stores/{collection}/files/{file_id}"
    job = claim(gateway, version_sent(gateway))
    failure = FailureReport(fence=job.fence, code="invalid_file", message="The file is empty.")
    gateway.jobs().fail(job.document_version_id, failure)
    _, failed = ada.get(path)
    _, retried = ada.post(path + "/retry")
    carry(gateway, version_sent(gateway, 2))
    refused, problem = ada.post(path + "/retry")

    assert failed["status"] == "failed"
    assert failed["last_error"] == {"code": "invalid_file", "message": "The file is empty."}
    assert (retried["status"], retried["document_version"]) == ("in_progress", 2)
    assert (refused, problem["code"]) == (409, "nothing_to_retry")


def test_foreign_knowledge_is_unknown(gateway: RunningGateway, ada: Person, bob: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    passage_ids = carry(gateway, version_sent(gateway))
    own = collection_of(bob)
    answers = [
        bob.get(f"/v1/vector_stores/{collection}"),
        bob.post(f"/v1/vector_stores/{collection}", {"name": "mine"}),
        bob.delete(f"/v1/vector_stores/{collection}"),
        bob.get(f"/v1/vector_stores/{collection}/files"),
        bob.get(f"/v1/vector_stores/{collection}/files/{file_id}"),
        bob.delete(f"/v1/vector_stores/{collection}/files/{file_id}"),
        bob.get(f"/v1/vector_stores/{collection}/files/{file_id}/passages"),
        bob.post(f"/v1/vector_stores/{own}/files", {"file_id": file_id}),
        bob.get(f"/v1/passages/{passage_ids[0]}"),
    ]

    assert {status for status, _ in answers} == {404}


def test_a_document_and_its_message_come_in_one_commit(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    status, _ = ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": "file-none"})
    rows = asyncio.run(
        found(
            gateway.database_url,
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM outbox)",
        )
    )

    assert status == 404
    assert rows == [(0, 0)]
