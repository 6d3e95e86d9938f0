"""The account of an answer: what the model was sent, what it cost, and who may read the words."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from gateway.db import Database
from gateway.leaving.repository import EraserRepository
from tests.integration.gateway_chat.places import HANDBOOK, Place, builder_of
from tests.integration.gateway_chat.sharing import shared_as
from tests.integration.gateway_chat.test_turns import QUESTION, answered

SECRET_INSTRUCTIONS = "You answer questions of staff."
PICO = 10**12


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> str:
    return begun(ada, assistant_of_ada)


@pytest.fixture
def with_public_assistant(
    ada: httpx2.Client, bob: httpx2.Client, assistant_of_ada: str
) -> Iterator[str]:
    """Bob's conversation with Ada's assistant, which is of another workspace."""
    with shared_as("public", ada, assistant_of_ada):
        yield begun(bob, assistant_of_ada)


@pytest.fixture
def guest(place: Place, ada: httpx2.Client, bob: httpx2.Client) -> httpx2.Client:
    """Bob, at work as a guest of Ada's workspace."""
    people = {"member": bob.get("/v1/me").json()["id"]}
    people["workspace"] = ada.get("/v1/me").json()["workspace"]["id"]
    for query in (
        "INSERT INTO memberships (workspace_id, member_id, power)"
        " VALUES (:workspace, :member, 'guest')",
        "UPDATE sessions SET workspace_id = :workspace WHERE member_id = :member",
    ):
        place.rows(query, **people)
    return bob


def begun(person: httpx2.Client, assistant: str) -> str:
    made = person.post("/v1/conversations", json={"assistant_id": assistant})
    assert made.status_code == 201, made.text
    conversation_id: str = made.json()["id"]
    return conversation_id


def context_of(person: httpx2.Client, message: dict[str, Any]) -> dict[str, Any]:
    answer = person.get(f"/v1/turns/{message['turn_id']}/context")
    assert answer.status_code == 200, answer.text
    context: dict[str, Any] = answer.json()
    return context


def parts(context: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in context["segments"] if each["kind"] == kind]


def test_an_answer_tells_what_its_model_was_sent(ada: httpx2.Client, conversation: str) -> None:
    message = answered(ada, conversation, QUESTION)["message"]
    context = context_of(ada, message)
    (instructions,), (question,) = parts(context, "instructions"), parts(context, "question")
    passages = parts(context, "passage")
    cited = next(each for each in passages if each["cited_as"] == 1)

    assert context["is_kept"] is True
    assert SECRET_INSTRUCTIONS in instructions["text"]
    assert question["text"] == QUESTION
    assert (cited["filename"], cited["page"], cited["text"]) == ("handbook.md", 1, HANDBOOK[0])
    assert {each["outcome"] for each in passages} <= {"kept", "shortened", "dropped"}
    assert all(each["filename"] and each["reason"] for each in passages)


def test_parts_add_up_to_the_ledger_row(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    answered(ada, conversation, QUESTION)
    message = answered(ada, conversation, "When are travel expenses repaid?")["message"]
    context = context_of(ada, message)
    (row,) = place.ledger(message["turn_id"])
    fresh = row["input_tokens"] - row["cached_tokens"]
    prompt_pico = fresh * row["price_input_pico"]
    prompt_pico += row["cached_tokens"] * row["price_cached_input_pico"]
    sent = [each for each in context["segments"] if each["outcome"] != "dropped"]

    assert sum(each["tokens"] for each in sent) == row["input_tokens"] == context["prompt_tokens"]
    assert sum(each["cached_tokens"] for each in sent) == row["cached_tokens"] > 0
    assert sum(Decimal(each["cost"]) for each in sent) * PICO == prompt_pico > 0
    assert Decimal(context["prompt_cost"]) * PICO == prompt_pico
    assert Decimal(context["cost"]) * PICO == row["amount_pico"]
    assert context["output_tokens"] == row["output_tokens"]


def test_earlier_messages_are_shown_as_they_were_said(
    ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, QUESTION)["message"]
    second = answered(ada, conversation, "When are travel expenses repaid?")["message"]
    said = [(each["role"], each["text"]) for each in parts(context_of(ada, second), "history")]

    assert said == [("user", QUESTION), ("assistant", first["content"])]


def test_another_workspace_sees_numbers_but_no_words_of_a_public_assistant(
    place: Place, bob: httpx2.Client, with_public_assistant: str
) -> None:
    message = answered(bob, with_public_assistant, QUESTION)["message"]
    context = context_of(bob, message)
    (instructions,) = parts(context, "instructions")
    passages = parts(context, "passage")
    (row,) = place.rows(
        "SELECT instructions, segments::text AS stored FROM turn_contexts WHERE turn_id = :id",
        id=message["turn_id"],
    )

    assert instructions["text"] is None
    assert instructions["tokens"] > 0
    assert Decimal(instructions["cost"]) > 0
    assert [each["filename"] for each in passages if each["cited_as"]] == ["handbook.md"]
    assert len(passages) > 1
    assert all(
        each["filename"] is each["passage_id"] is each["page"] is None
        for each in passages
        if not each["cited_as"]
    )
    assert {each["text"] for each in passages} == {None}
    assert row["instructions"] is None
    assert "handbook" not in row["stored"]


def test_earlier_turns_with_a_public_assistant_show_no_passages(
    bob: httpx2.Client, with_public_assistant: str
) -> None:
    answered(bob, with_public_assistant, QUESTION)
    message = answered(bob, with_public_assistant, "When are travel expenses repaid?")["message"]
    context = context_of(bob, message)

    assert HANDBOOK[2] not in str(context)
    assert parts(context, "history")[0]["text"] == QUESTION


def test_a_guest_reads_neither_the_instructions_nor_what_lies_on_the_shelf(
    with_public_assistant: str, guest: httpx2.Client, assistant_of_ada: str
) -> None:
    del with_public_assistant  # it is public meanwhile
    context = context_of(
        guest, answered(guest, begun(guest, assistant_of_ada), QUESTION)["message"]
    )
    (instructions,) = parts(context, "instructions")
    named = {each["filename"]: each["cited_as"] for each in parts(context, "passage")}

    assert (instructions["text"], instructions["tokens"] > 0) == (None, True)
    assert named == {"handbook.md": 1, None: None}
    assert {each["text"] for each in parts(context, "passage")} == {None}


def test_an_answer_without_a_model_has_no_account(ada: httpx2.Client) -> None:
    empty = ada.post("/v1/vector_stores", json={"name": "Empty"}).json()["id"]
    knowledge = {"file_search": {"vector_store_ids": [empty]}}
    body = {"name": "Silent", "tool_resources": knowledge}
    assistant = ada.post("/v1/assistants", json=body).json()["id"]
    draft = {"assistant_id": assistant, "draft": True}
    conversation = ada.post("/v1/conversations", json=draft).json()["id"]
    context = context_of(ada, answered(ada, conversation, QUESTION)["message"])

    assert (context["is_kept"], context["segments"], context["cost"]) == (False, [], None)


def test_a_failed_answer_has_an_account_too(ada: httpx2.Client, conversation: str) -> None:
    failed = answered(ada, conversation, "break off")["message"]
    context = context_of(ada, failed)

    assert context["is_kept"] is True
    assert context["prompt_tokens"] == sum(each["tokens"] for each in context["segments"])


def test_an_account_is_its_members_own(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str
) -> None:
    message = answered(ada, conversation, QUESTION)["message"]
    refused = bob.get(f"/v1/turns/{message['turn_id']}/context")

    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "turn_not_found")


def test_a_deleted_document_leaves_its_name_and_no_word(place: Place, bob: httpx2.Client) -> None:
    shelf = builder_of(place, bob)
    knowledge = {"file_search": {"vector_store_ids": [shelf.collection_id]}}
    body = {"name": "Own", "tool_resources": knowledge}
    assistant = bob.post("/v1/assistants", json=body).json()["id"]
    draft = {"assistant_id": assistant, "draft": True}
    conversation = bob.post("/v1/conversations", json=draft).json()["id"]
    message = answered(bob, conversation, QUESTION)["message"]
    cited = message["annotations"][0]["file_citation"]
    before = parts(context_of(bob, message), "passage")
    bob.delete(f"/v1/vector_stores/{shelf.collection_id}/files/{cited['file_id']}")
    after = parts(context_of(bob, message), "passage")
    words = {each["text"] for each in after if each["filename"] == "handbook.md"}

    assert HANDBOOK[0] in {each["text"] for each in before}
    assert words == {None}


def test_an_erased_conversation_takes_its_accounts_along(
    place: Place, bob: httpx2.Client, with_public_assistant: str
) -> None:
    turn_id = answered(bob, with_public_assistant, QUESTION)["message"]["turn_id"]
    kept = "SELECT turn_id FROM turn_contexts WHERE turn_id = :id"
    before = place.rows(kept, id=turn_id)
    asyncio.run(_erase(place, bob.get("/v1/me").json()["id"]))

    assert len(before) == 1
    assert place.rows(kept, id=turn_id) == []


async def _erase(place: Place, member_id: str) -> None:
    database = Database(place.database)
    try:
        async with database.transaction() as tx:
            await EraserRepository(tx, datetime.now(UTC)).conversations(member_id=member_id)
    finally:
        await database.close()
