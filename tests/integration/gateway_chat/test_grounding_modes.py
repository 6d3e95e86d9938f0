"""How far answers keep to the documents: only, first, freely."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.integration.gateway_chat.places import HANDBOOK, Shelf

INSIDE = "How many days of annual leave a year for full-time staff?"
OUTSIDE = "How many moons of Jupiter are there?"
KNOWN = "The documents do not say. It has 95 moons."
Asking = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="package")
def ask(ada: httpx2.Client, shelf_of_ada: Shelf) -> Asking:
    """A question asked of an assistant of a mode; the whole answer."""

    def asked(mode: str, question: str) -> dict[str, Any]:
        knowing = {"file_search": {"vector_store_ids": [shelf_of_ada.collection_id]}}
        fields = {"name": mode, "grounding_mode": mode, "tool_resources": knowing}
        made = ada.post("/v1/assistants", json=fields).json()
        ada.post(f"/v1/assistants/{made['id']}/publish")
        body = {"model": made["slug"], "messages": [{"role": "user", "content": question}]}
        answer: dict[str, Any] = ada.post("/v1/chat/completions", json=body).json()
        ada.delete(f"/v1/assistants/{made['id']}")  # others look at what there is
        return answer

    return asked


def text_of(answer: dict[str, Any]) -> str:
    return str(answer["choices"][0]["message"]["content"])


def flagged_in(answer: dict[str, Any]) -> list[str]:
    spans = answer["stoa"]["unsupported"]
    return [text_of(answer)[each["start_index"] : each["end_index"]] for each in spans]


@pytest.mark.parametrize("mode", ["documents_only", "documents_first", "free"])
def test_what_the_documents_say_is_cited_in_every_mode(ask: Asking, mode: str) -> None:
    answer = ask(mode, INSIDE)

    assert text_of(answer) == f"{HANDBOOK[0]} [1]"
    assert (answer["stoa"]["grounding"], flagged_in(answer)) == ("passages", [])


def test_only_documents_leaves_the_rest_unsaid(ask: Asking) -> None:
    answer = ask("documents_only", OUTSIDE)

    assert text_of(answer) == "The documents do not say."
    assert (answer["stoa"]["grounding"], flagged_in(answer)) == ("none", [])


def test_documents_first_says_the_rest_and_flags_it(ask: Asking) -> None:
    answer = ask("documents_first", OUTSIDE)

    assert text_of(answer) == KNOWN
    assert (answer["stoa"]["grounding"], flagged_in(answer)) == ("none", ["It has 95 moons."])


def test_a_free_answer_is_not_flagged(ask: Asking) -> None:
    answer = ask("free", OUTSIDE)

    assert text_of(answer) == KNOWN
    assert flagged_in(answer) == []


def test_an_unknown_mode_is_refused_by_name(ada: httpx2.Client) -> None:
    refused = ada.post("/v1/assistants", json={"name": "X", "grounding_mode": "sometimes"})

    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "grounding_mode"


def test_a_turn_keeps_what_was_flagged(ada: httpx2.Client, shelf_of_ada: Shelf) -> None:
    knowing = {"file_search": {"vector_store_ids": [shelf_of_ada.collection_id]}}
    fields = {"name": "First", "grounding_mode": "documents_first", "tool_resources": knowing}
    made = ada.post("/v1/assistants", json=fields).json()
    talk = ada.post("/v1/conversations", json={"assistant_id": made["id"], "draft": True}).json()
    turn = ada.post(f"/v1/conversations/{talk['id']}/turns", json={"text": OUTSIDE}).json()
    events = ada.get(f"/v1/turns/{turn['id']}/events").text
    kept = ada.get(f"/v1/conversations/{talk['id']}/messages").json()["data"]
    (answer,) = [each for each in kept if each["role"] == "assistant"]
    (span,) = answer["unsupported"]

    assert '"unsupported":[{' in events
    assert answer["content"][span["start_index"] : span["end_index"]] == "It has 95 moons."
