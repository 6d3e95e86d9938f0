"""What a citation opens: that version, those words, that page, for whoever may read them still."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from contracts.accounts import Power
from contracts.errors import RemoteError
from contracts.jobs import FailureReport, PurgeReport, TextUpload
from tests.support import documents
from tests.support.gateway import Databases, Person, RunningGateway, found, running_gateway
from tests.unit.gateway.working import (
    TEXT,
    carry,
    claim,
    collection_of,
    document_of,
    finish,
    write_passages,
    write_picture,
)

EDITED = "The colonnade is closed. 柱廊全天关闭。"


@pytest.fixture(scope="module")
def gateway(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """One for all tests here: each has a collection of its own."""
    with running_gateway(databases.fresh(), tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol("Ada")


@pytest.fixture(scope="module")
def bob(gateway: RunningGateway) -> Person:
    return gateway.enrol("Bob")


@pytest.fixture
def collection(ada: Person) -> str:
    return collection_of(ada)


@pytest.fixture
def file_id(ada: Person, collection: str) -> str:
    return document_of(ada, collection)


@pytest.fixture
def passage(gateway: RunningGateway, file_id: str) -> str:
    """A passage of Ada's document, which has a picture of its only page."""
    return carry(gateway, newest_version(gateway, file_id), has_picture=True)[0]


def newest_version(gateway: RunningGateway, file_id: str) -> str:
    query = "SELECT id FROM document_versions WHERE file_id = :file_id ORDER BY number DESC"
    version_id: str = asyncio.run(found(gateway.database_url, query, file_id=file_id))[0][0]
    return version_id


def surroundings(person: Person, passage: str, **span: Any) -> tuple[int, Any]:
    return person.get(f"/v1/passages/{passage}/surroundings", **span)


def refusals(person: Person, passage: str) -> list[tuple[int, str, str]]:
    """How each way to a passage is refused, with its id taken out of the words."""
    answers = [
        person.get(f"/v1/passages/{passage}{rest}") for rest in ("", "/surroundings", "/pages/1")
    ]
    return [
        (status, body["code"], body["message"].replace(passage, "…")) for status, body in answers
    ]


NOTHING_THERE = [(404, "passage_not_found", "There is no passage ….")] * 3


def blobs(gateway: RunningGateway) -> int:
    folder = Path(urlsplit(gateway.settings.blobs_url).path)
    return sum(1 for path in folder.rglob("*") if path.is_file())


def test_the_quote_is_marked_on_its_page(ada: Person, passage: str) -> None:
    status, shown = surroundings(ada, passage, start=4, end=9)

    assert status == 200
    assert TEXT[shown["quote_start"] : shown["quote_end"]] == "colon"
    assert [(page["number"], page["width"]) for page in shown["pages"]] == [(1, 600)]
    assert shown["pages"][0]["marks"] == [{"left": 1800, "top": 500, "width": 1000, "height": 200}]
    assert (shown["text"], shown["text_start"], shown["newest_version"]) == (TEXT, 0, 1)


def test_a_picture_is_a_picture_and_stays_with_its_reader(
    gateway: RunningGateway, ada: Person, passage: str
) -> None:
    path = f"/v1/passages/{passage}/pages/1"
    answer = gateway.http.get(path, headers=ada.headers())
    again = gateway.http.get(
        path, headers=ada.headers() | {"if-none-match": answer.headers["etag"]}
    )

    assert answer.content == documents.picture()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_without_a_picture_is_not_found(ada: Person, passage: str) -> None:
    status, problem = ada.get(f"/v1/passages/{passage}/pages/2")

    assert (status, problem["code"]) == (404, "page_picture_not_found")
    assert surroundings(ada, passage, page=2)[1]["pages"] == []


@pytest.mark.parametrize(
    ("start", "end", "quote"),
    [
        (0, 0, ""),
        (9, 4, ""),
        (4, 2_000_000_000, TEXT[4:]),
        (1_000_000, 2_000_000, ""),
        (0, 1, "T"),
    ],
)
def test_whatever_span_is_wished_what_is_marked_lies_in_the_passage(
    ada: Person, passage: str, start: int, end: int, quote: str
) -> None:
    status, shown = surroundings(ada, passage, start=start, end=end)

    assert status == 200
    assert TEXT[shown["quote_start"] : shown["quote_end"]] == quote


def test_a_citation_opens_the_version_it_names_and_says_that_there_is_a_newer_one(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, passage: str
) -> None:
    before = surroundings(ada, passage, start=4, end=21)[1]
    ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file_id})
    second = carry(gateway, newest_version(gateway, file_id), EDITED)[0]
    after = surroundings(ada, passage, start=4, end=21)[1]
    new = surroundings(ada, second, start=4, end=23)[1]

    assert (before["newest_version"], after["newest_version"]) == (1, 2)
    assert after == before | {"newest_version": 2}
    assert after["text"][4:21] == "colonnade is open"
    assert (new["passage"]["document_version"], new["newest_version"]) == (2, 2)
    assert new["text"][4:23] == "colonnade is closed"
    assert new["pages"] == []
    assert ada.get(f"/v1/passages/{passage}")[1]["text"] == TEXT


def test_while_the_next_version_is_read_none_is_newer(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, passage: str
) -> None:
    ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file_id})
    job = claim(gateway, newest_version(gateway, file_id))
    write_passages(gateway, job, EDITED)
    finish(gateway, job)

    assert surroundings(ada, passage)[1]["newest_version"] == 1


@pytest.mark.parametrize("how", ["the file", "the document", "the collection"])
def test_of_what_was_deleted_nothing_opens(
    ada: Person, collection: str, file_id: str, passage: str, how: str
) -> None:
    path = {
        "the file": f"/v1/files/{file_id}",
        "the document": f"/v1/vector_stores/{collection}/files/{file_id}",
        "the collection": f"/v1/vector_stores/{collection}",
    }
    ada.delete(path[how])

    assert refusals(ada, passage) == refusals(ada, "psg_nobody") == NOTHING_THERE


def test_another_workspace_finds_nothing(bob: Person, passage: str) -> None:
    assert refusals(bob, passage) == refusals(bob, "psg_nobody") == NOTHING_THERE


def test_who_lost_the_grant_finds_nothing(
    gateway: RunningGateway, ada: Person, collection: str, passage: str
) -> None:
    bea = gateway.enrol("Bea", beside=ada, power=Power.MEMBER)
    path = f"/v1/vector_stores/{collection}/sharing"
    grant = {"id": bea.member_id, "powers": ["download"]}
    ada.put(path, {"visibility": "private", "members": [grant]})
    opened = surroundings(bea, passage, start=4, end=9)[0]
    ada.put(path, {"visibility": "private", "members": []})

    assert opened == 200
    assert refusals(bea, passage) == NOTHING_THERE


def test_an_unread_version_opens_for_nobody(
    gateway: RunningGateway, ada: Person, file_id: str
) -> None:
    job = claim(gateway, newest_version(gateway, file_id))
    passage = write_passages(gateway, job)[0]

    assert refusals(ada, passage) == NOTHING_THERE


def test_a_picture_sent_again_replaces_the_former(gateway: RunningGateway, file_id: str) -> None:
    job = claim(gateway, newest_version(gateway, file_id))
    write_passages(gateway, job)
    write_picture(gateway, job)
    before = blobs(gateway)
    write_picture(gateway, job)

    assert blobs(gateway) == before


def test_another_text_takes_the_pictures_of_the_former_along(
    gateway: RunningGateway, file_id: str
) -> None:
    job = claim(gateway, newest_version(gateway, file_id))
    write_passages(gateway, job)
    before = blobs(gateway)
    write_picture(gateway, job)
    upload = TextUpload(fence=job.fence, title="Rules", text=EDITED)
    gateway.jobs().put_text(job.document_version_id, upload)

    assert blobs(gateway) == before


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        documents.picture() + b"\0" * (1 << 20),
    ],
)
def test_what_is_no_picture_is_not_kept(
    gateway: RunningGateway, file_id: str, content: bytes
) -> None:
    job = claim(gateway, newest_version(gateway, file_id))
    write_passages(gateway, job)
    before = blobs(gateway)
    with pytest.raises(RemoteError) as refusal:
        write_picture(gateway, job, content)

    assert refusal.value.code == "not_a_picture"
    assert blobs(gateway) == before


def test_pictures_come_after_the_text_and_from_the_holder_of_the_lease(
    gateway: RunningGateway, file_id: str
) -> None:
    job = claim(gateway, newest_version(gateway, file_id))
    with pytest.raises(RemoteError) as early:
        write_picture(gateway, job)
    write_passages(gateway, job)
    before = blobs(gateway)
    with pytest.raises(RemoteError) as stale:
        write_picture(gateway, job.model_copy(update={"fence": job.fence - 1}))

    assert (early.value.code, stale.value.code) == ("text_missing", "lease_lost")
    assert blobs(gateway) == before


@pytest.mark.parametrize("ending", ["deleted", "failed"])
def test_pictures_go_with_their_version(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, ending: str
) -> None:
    job = claim(gateway, newest_version(gateway, file_id))
    write_passages(gateway, job)
    write_picture(gateway, job)
    before = blobs(gateway)
    if ending == "failed":
        report = FailureReport(fence=job.fence, code="invalid_file", message="Broken.")
        gateway.jobs().fail(job.document_version_id, report)
    else:
        ada.delete(f"/v1/vector_stores/{collection}/files/{file_id}")
    gateway.jobs().purged(job.document_version_id, PurgeReport(remaining=0))

    assert blobs(gateway) == before - 2, "neither text nor picture is left"
