"""Answers that were kept, and what becomes of their citations when documents change."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx2
import pytest

from contracts.chat import Annotation
from gateway.adapters.blobs_folder import FolderBlobs
from tests.integration.gateway_chat.places import (
    HANDBOOK,
    Place,
    Shelf,
    index_version,
    put_on,
    signed_in_member,
)
from tests.support.cited import Checked, check_citations, shifted

QUESTION = "How many days of annual leave a year for full-time staff?"
EDITED = ("From next year on annual leave is 30 days for full-time staff.", *HANDBOOK[1:])
UNSEEN = (
    "Πόσες ημέρες άδειας υπάρχουν τον χρόνο;",
    "พนักงานมีวันลาพักร้อนกี่วันต่อปี",
    "कितने दिन की छुट्टी मिलती है?",
    "🏖️🏖️❓",
    "\u200f؟",
)


@pytest.fixture
def eve(place: Place) -> Iterator[httpx2.Client]:
    """A member with a workspace of her own, new for each test."""
    with closing(signed_in_member(place, f"eve-{secrets.token_hex(4)}")) as client:
        yield client


@pytest.fixture
def shelf(eve: httpx2.Client) -> Shelf:
    """An empty collection."""
    collection = eve.post("/v1/vector_stores", json={"name": "Rules"}).json()["id"]
    return Shelf(collection, eve.get("/v1/me").json()["workspace"]["id"])


@pytest.fixture
def assistant(eve: httpx2.Client, shelf: Shelf) -> str:
    """An assistant of Eve's collection, as it is at each moment."""
    resources = {"file_search": {"vector_store_ids": [shelf.collection_id]}}
    made = eve.post("/v1/assistants", json={"name": "Handbook", "tool_resources": resources})
    assistant_id: str = made.json()["id"]
    return assistant_id


@pytest.fixture
def cited(place: Place, eve: httpx2.Client, shelf: Shelf, assistant: str) -> dict[str, Any]:
    """The citation of an answer that Eve got, about a document that is on the shelf."""
    put_on(place, eve, shelf, "handbook.md", HANDBOOK)
    citation: dict[str, Any] = talked(eve, assistant)["annotations"][0]["file_citation"]
    return citation


def talked(person: httpx2.Client, assistant: str, question: str = QUESTION) -> dict[str, Any]:
    """The answer to a question in a new conversation with the draft."""
    begin = {"assistant_id": assistant, "draft": True}
    conversation = person.post("/v1/conversations", json=begin).json()
    path = f"/v1/conversations/{conversation['id']}/turns"
    turn = person.post(path, json={"text": question}).json()
    person.get(f"/v1/turns/{turn['id']}/events")  # to its end
    answer: dict[str, Any] = person.get(f"/v1/turns/{turn['id']}").json()["answer"]
    return answer


def opened(person: httpx2.Client, citation: dict[str, Any]) -> httpx2.Response:
    span = {"start": citation["start"], "end": citation["end"]}
    return person.get(f"/v1/passages/{citation['passage_id']}/surroundings", params=span)


def marked(shown: dict[str, Any]) -> str:
    first, last = (shown[name] - shown["text_start"] for name in ("quote_start", "quote_end"))
    text: str = shown["text"]
    return text[first:last]


def read_anew(
    place: Place, eve: httpx2.Client, shelf: Shelf, file_id: str, passages: tuple[str, ...]
) -> None:
    """The document's next version, which says something else."""
    eve.post(f"/v1/vector_stores/{shelf.collection_id}/files", json={"file_id": file_id})
    query = "SELECT id FROM document_versions WHERE file_id = :id ORDER BY number DESC LIMIT 1"
    (row,) = place.rows(query, id=file_id)
    index_version(place, shelf, row["id"], "handbook.md", passages)


def checked(place: Place) -> Checked:
    return asyncio.run(check_citations(place.database, FolderBlobs(place.blobs)))


def test_a_document_edited_between_answer_and_click_is_quoted_as_it_was(
    place: Place, eve: httpx2.Client, shelf: Shelf, assistant: str, cited: dict[str, Any]
) -> None:
    read_anew(place, eve, shelf, cited["file_id"], EDITED)
    old, new = opened(eve, cited).json(), talked(eve, assistant)["annotations"][0]["file_citation"]

    assert marked(old) == cited["quote"] == HANDBOOK[0]
    assert (old["passage"]["document_version"], old["newest_version"]) == (1, 2)
    assert (new["document_version"], new["quote"]) == (2, EDITED[0])
    assert marked(opened(eve, new).json()) == EDITED[0]
    assert checked(place).false == []


def test_a_citation_of_a_document_that_was_taken_out_opens_nothing(
    place: Place, eve: httpx2.Client, shelf: Shelf, cited: dict[str, Any]
) -> None:
    before = checked(place).gone
    eve.delete(f"/v1/vector_stores/{shelf.collection_id}/files/{cited['file_id']}")
    answer, nothing = opened(eve, cited), eve.get("/v1/passages/psg_none/surroundings")

    assert (answer.status_code, nothing.status_code) == (404, 404)
    assert answer.json()["error"]["code"] == nothing.json()["error"]["code"]
    assert (checked(place).gone, checked(place).false) == (before + 1, [])


def test_every_shift_of_a_kept_citation_is_caught(
    place: Place, eve: httpx2.Client, shelf: Shelf, assistant: str, cited: dict[str, Any]
) -> None:
    put_on(place, eve, shelf, "other.md", HANDBOOK[1:])
    neighbour = talked(eve, assistant, "When are travel expenses repaid with receipts?")
    other: str = neighbour["annotations"][0]["file_citation"]["passage_id"]
    query = "SELECT id, annotations FROM messages WHERE annotations @> CAST(:named AS jsonb)"
    named = f'[{{"file_citation": {{"passage_id": "{cited["passage_id"]}"}}}}]'
    (row,) = place.rows(query, named=named)
    true = Annotation.model_validate(row["annotations"][0])
    before, caught = checked(place).false, {}
    for name, false in shifted(true, other).items():
        keep(place, row["id"], false)
        caught[name] = bool(checked(place).false)
    keep(place, row["id"], true)

    assert before == checked(place).false == []
    assert other != cited["passage_id"]
    assert [name for name, is_caught in caught.items() if not is_caught] == []


def keep(place: Place, message_id: str, annotation: Annotation) -> None:
    place.rows(
        "UPDATE messages SET annotations = CAST(:said AS jsonb) WHERE id = :id",
        id=message_id,
        said=f"[{annotation.model_dump_json()}]",
    )


def test_an_empty_collection_is_answered_in_the_configured_words(
    eve: httpx2.Client, assistant: str
) -> None:
    answer = talked(eve, assistant)
    body = {"model": assistant, "messages": [{"role": "user", "content": QUESTION}]}
    eve.post(f"/v1/assistants/{assistant}/publish")
    whole = eve.post("/v1/chat/completions", json=body).json()

    assert (answer["content"], answer["annotations"]) == ("The documents do not say.", [])
    assert whole["choices"][0]["message"]["content"] == "The documents do not say."
    assert whole["stoa"]["grounding"] == "none"


@pytest.mark.parametrize("question", UNSEEN)
def test_a_question_in_an_unseen_script_is_answered_or_not_found_and_never_fails(
    place: Place, eve: httpx2.Client, shelf: Shelf, assistant: str, question: str
) -> None:
    put_on(place, eve, shelf, "handbook.md", HANDBOOK)
    answer = talked(eve, assistant, question)

    assert (answer["status"], answer["error"]) == ("complete", None)
    assert answer["content"].strip()
    assert checked(place).false == []
