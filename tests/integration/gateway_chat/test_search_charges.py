"""What search needs is in the ledger: questions embedded, documents embedded, passages reranked."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from embedding.adapters.embedder_hashing import HashingEmbedder
from gateway.main import build_app
from gateway.settings import AdminAccount, Settings
from retrieval.settings import WORDS
from tests.integration.gateway_chat.places import (
    HANDBOOK,
    HANDBOOK_ZH,
    Place,
    Shelf,
    builder_of,
    signed_in_member,
)
from tests.support.gateway import GENEROUS
from tests.support.retrieval import running_retrieval
from tests.support.serving import served
from tests.support.waiting import wait_until

QUESTION = "How many days of annual leave are there?"


def rows_of(place: Place, member_id: str, purpose: str, count: int = 1) -> Sequence[Any]:
    """The ledger rows of one purpose, once there are so many."""

    def written() -> Sequence[Any]:
        rows = place.rows(
            "SELECT * FROM ledger WHERE member_id = :id AND purpose = :purpose ORDER BY id",
            id=member_id,
            purpose=purpose,
        )
        return rows if len(rows) >= count else ()

    found = wait_until(written, seconds=20, what=f"{count} rows of {purpose}")
    assert len(found) == count
    return found


def tokens(*texts: str) -> int:
    return sum(HashingEmbedder().count_tokens(list(texts)))


def me(person: httpx2.Client) -> str:
    member_id: str = person.get("/v1/me").json()["id"]
    return member_id


def asked(person: httpx2.Client, assistant: str, question: str) -> dict[str, Any]:
    body = {"model": assistant, "messages": [{"role": "user", "content": question}]}
    answer: dict[str, Any] = person.post("/v1/chat/completions", json=body).json()
    return answer


def assistant_over(person: httpx2.Client, shelf: Shelf) -> str:
    resources = {"file_search": {"vector_store_ids": [shelf.collection_id]}}
    made = person.post("/v1/assistants", json={"name": "Rules", "tool_resources": resources}).json()
    assert person.post(f"/v1/assistants/{made['id']}/publish").status_code == 200
    slug: str = made["slug"]
    return slug


@pytest.fixture
def shelf_of_bob(place: Place, bob: httpx2.Client) -> Shelf:
    return builder_of(place, bob)


@pytest.fixture(scope="module")
def ranking_place(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The same place with a reranker."""
    folder = tmp_path_factory.mktemp("ranking")
    with running_retrieval(folder, WORDS) as retrieval:
        settings = Settings(
            database_url=SecretStr(place.database),
            blobs_url=f"file://{place.blobs}",
            retrieval_url=retrieval,
            inference_url=place.inference,
            default_model="simulator",
            limits=GENEROUS,
            admin=AdminAccount(email=None, password=None),
            shared=place.shared,
        )
        with served(build_app(settings)) as gateway:
            yield replace(place, gateway=gateway, retrieval=retrieval)


def test_a_question_is_charged_by_the_embedding_models_own_count(
    place: Place, bob: httpx2.Client, shelf_of_bob: Shelf
) -> None:
    answer = asked(bob, assistant_over(bob, shelf_of_bob), QUESTION)
    [row] = rows_of(place, me(bob), "embed_question")
    (charge,) = place.ledger(answer["id"])

    assert (row["input_tokens"], row["cached_tokens"]) == (tokens(QUESTION), 0)
    assert (row["model"], row["engine"], row["output_tokens"]) == ("hashing-384", "retrieval", 0)
    assert row["amount_pico"] == tokens(QUESTION) * 10_000
    assert row["request_id"] == f"{answer['id']}:embed_question"
    assert row["assistant_id"] == charge["assistant_id"] is not None


def test_a_question_that_is_remembered_counts_as_cached(
    place: Place, bob: httpx2.Client, shelf_of_bob: Shelf
) -> None:
    assistant = assistant_over(bob, shelf_of_bob)
    asked(bob, assistant, QUESTION)
    asked(bob, assistant, QUESTION)
    first, second = rows_of(place, me(bob), "embed_question", 2)

    assert first["cached_tokens"] == 0 < first["amount_pico"]
    assert second["input_tokens"] == second["cached_tokens"] == tokens(QUESTION)
    assert second["amount_pico"] == 0


def test_each_question_of_a_search_without_an_assistant_is_charged(
    place: Place, bob: httpx2.Client, shelf_of_bob: Shelf
) -> None:
    path = f"/v1/vector_stores/{shelf_of_bob.collection_id}/search"
    found = bob.post(path, json={"query": [QUESTION, "年假有多少天？"]})
    rows = rows_of(place, me(bob), "embed_question", 2)

    assert found.json()["data"]
    assert sorted(row["input_tokens"] for row in rows) == sorted(
        [tokens(QUESTION), tokens("年假有多少天？")]
    )
    assert {row["assistant_id"] for row in rows} == {None}


def test_a_document_is_charged_to_whoever_brought_it(
    place: Place, bob: httpx2.Client, shelf_of_bob: Shelf
) -> None:
    rows = rows_of(place, me(bob), "embed_document", 2)

    assert [row["input_tokens"] for row in rows] == [tokens(*HANDBOOK), tokens(*HANDBOOK_ZH)]
    assert {row["engine"] for row in rows} == {"ingest"}
    assert {row["workspace_id"] for row in rows} == {shelf_of_bob.workspace_id}


def test_reranking_is_charged_for_what_it_read(ranking_place: Place) -> None:
    with closing(signed_in_member(ranking_place, "rhea")) as rhea:
        assistant = assistant_over(rhea, builder_of(ranking_place, rhea))
        asked(rhea, assistant, QUESTION)
        [row] = rows_of(ranking_place, me(rhea), "rerank")

    assert (row["model"], row["engine"]) == ("words", "retrieval")
    assert row["input_tokens"] > 2 * len(QUESTION.split())
    assert row["amount_pico"] == row["input_tokens"] * 10_000


def test_sentences_compared_by_meaning_are_one_row_of_their_answer(
    place: Place, bob: httpx2.Client, shelf_of_bob: Shelf
) -> None:
    asked(bob, assistant_over(bob, shelf_of_bob), f"Is the moon made of cheese? {QUESTION}")
    [row] = rows_of(place, me(bob), "embed_citation")
    sentences = tokens("The harbour is painted green.", "So is the mill.")

    assert row["request_id"].endswith(":embed_citation")
    assert row["input_tokens"] > sentences
    assert row["amount_pico"] == row["input_tokens"] * 10_000


def test_the_page_of_calls_tells_what_each_was_for(
    place: Place, bob: httpx2.Client, shelf_of_bob: Shelf
) -> None:
    asked(bob, assistant_over(bob, shelf_of_bob), QUESTION)
    rows_of(place, me(bob), "embed_question")
    rows = bob.get("/v1/admin/ledger").json()["data"]

    by_purpose = {row["purpose"]: row for row in rows}
    assert {"chat", "embed_question", "embed_document"} <= set(by_purpose)
    assert by_purpose["chat"]["engine"].startswith("simulator")
    assert by_purpose["chat"]["total_ms"] >= by_purpose["chat"]["first_token_ms"]
    assert by_purpose["embed_question"]["prices"]["input_per_million"] == "0.01"
