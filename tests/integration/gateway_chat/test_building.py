"""What builders look at: the search of a draft, its size, and how the assistant is used."""

from typing import Any

import httpx2

from tests.integration.gateway_chat.places import HANDBOOK, Place
from tests.integration.gateway_chat.test_turns import answered
from tests.support.waiting import wait_until

QUESTION = "How many days of annual leave a year for full-time staff?"


def draft(ada: httpx2.Client, **fields: Any) -> str:
    made = ada.post("/v1/assistants", json={"name": "Draft", **fields})
    assert made.status_code == 200, made.text
    assistant: str = made.json()["id"]
    return assistant


def known_to(ada: httpx2.Client, assistant: str) -> dict[str, Any]:
    resources: dict[str, Any] = ada.get(f"/v1/assistants/{assistant}").json()["tool_resources"]
    return resources


def used(ada: httpx2.Client, assistant: str) -> dict[str, Any]:
    answer = ada.get(f"/v1/assistants/{assistant}/statistics")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_draft_can_be_searched_before_it_is_published(
    place: Place, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    unpublished = draft(ada, tool_resources=known_to(ada, assistant_of_ada))
    path = f"/v1/assistants/{unpublished}/search"
    found = ada.post(path, json={"query": QUESTION, "limit": 3}).json()
    best = found["data"][0]

    assert best["text"] == HANDBOOK[0]
    assert best["filename"] == "handbook.md"
    assert best["is_read"] is True
    assert best["similarity"] > 0
    assert best["words"] > 0
    scores = [each["score"] for each in found["data"]]
    assert scores == sorted(scores, reverse=True)
    assert (len(found["data"]), found["withheld_collections"]) == (3, 0)
    charged = "SELECT id FROM ledger WHERE assistant_id = :id AND purpose = 'embed_question'"
    wait_until(
        lambda: place.rows(charged, id=unpublished),
        seconds=20,
        what="the search's row in the ledger",
    )


def test_a_draft_without_knowledge_finds_nothing(ada: httpx2.Client) -> None:
    found = ada.post(f"/v1/assistants/{draft(ada)}/search", json={"query": QUESTION})

    assert (found.status_code, found.json()["data"]) == (200, [])


def test_an_editor_sees_no_passage_of_files_that_are_not_theirs_to_read(
    place: Place, ada: httpx2.Client, bob: httpx2.Client, assistant_of_ada: str
) -> None:
    """Ada lets her assistant read her private collection; Bob may edit it, not read the files."""
    shared = draft(ada, tool_resources=known_to(ada, assistant_of_ada))
    people = {"member": bob.get("/v1/me").json()["id"]}
    people["workspace"] = ada.get("/v1/me").json()["workspace"]["id"]
    for query in (
        "INSERT INTO memberships (workspace_id, member_id, power)"
        " VALUES (:workspace, :member, 'member')",
        "UPDATE sessions SET workspace_id = :workspace WHERE member_id = :member",
    ):
        place.rows(query, **people)
    granted = ada.post(
        f"/v1/assistants/{shared}/sharing/{people['member']}", json={"powers": ["edit"]}
    )
    (collection,) = known_to(ada, shared)["file_search"]["vector_store_ids"]
    ada.put(f"/v1/vector_stores/{collection}/sharing", json={"visibility": "private"})
    found = bob.post(f"/v1/assistants/{shared}/search", json={"query": QUESTION})
    ada.put(f"/v1/vector_stores/{collection}/sharing", json={"visibility": "workspace"})

    assert granted.status_code == 200, granted.text
    assert found.json()["data"] == []
    assert found.json()["withheld_collections"] == 1


def test_instructions_are_measured_in_tokens_of_their_model(ada: httpx2.Client) -> None:
    said = "You answer {{user.name}} of {{town}} on {{today}}."
    measure = ada.get(f"/v1/assistants/{draft(ada, instructions=said)}/measure").json()
    empty = ada.get(f"/v1/assistants/{draft(ada)}/measure").json()
    gone = ada.get(f"/v1/assistants/{draft(ada, model='gone', instructions='Hi')}/measure").json()

    assert measure["instructions_tokens"] > 5
    assert (measure["model"], measure["window_tokens"]) == ("simulator", 2_048)
    assert measure["unknown_variables"] == ["town"]
    assert measure["models"][0]["price"]["currency"]
    assert empty["instructions_tokens"] == 0
    assert (gone["instructions_tokens"], gone["window_tokens"]) == (None, None)


def test_builders_learn_how_much_their_assistant_is_used_and_what_it_costs(
    ada: httpx2.Client, assistant_of_ada: str
) -> None:
    before = used(ada, assistant_of_ada)
    for begin, question in (
        ({}, QUESTION),
        ({}, "Who directs the orchestra of Vienna?"),
        ({"draft": True}, QUESTION),
    ):
        body = {"assistant_id": assistant_of_ada, **begin}
        conversation = ada.post("/v1/conversations", json=body).json()["id"]
        answered(ada, conversation, question)
    after = used(ada, assistant_of_ada)

    grown = {name: after[name] - before[name] for name in ("conversations", "answers", "not_found")}
    assert grown == {"conversations": 2, "answers": 2, "not_found": 1}
    # One person, who may have asked before.
    assert after["people"] - before["people"] in (0, 1)
    assert after["people"] >= 1
    assert float(after["costs"][after["currency"]]) > 0
    assert len(after["days"]) == 30
    assert after["days"][-1]["answers"] == after["answers"]
    assert after["days"][-1]["cost"] == after["costs"][after["currency"]]
    assert "orchestra" not in str(after)


def test_a_switched_off_passage_is_found_by_no_search_and_read_for_no_answer(
    ada: httpx2.Client, assistant_of_ada: str
) -> None:
    (collection,) = known_to(ada, assistant_of_ada)["file_search"]["vector_store_ids"]
    search = f"/v1/assistants/{assistant_of_ada}/search"
    best = ada.post(search, json={"query": QUESTION}).json()["data"][0]
    path = f"/v1/vector_stores/{collection}/files/{best['file_id']}/passages/{best['passage_id']}"
    ada.post(path, json={"is_off": True})
    tried = ada.post(search, json={"query": QUESTION}).json()["data"]
    wanted = {"query": QUESTION}
    of_program = ada.post(f"/v1/vector_stores/{collection}/search", json=wanted).json()["data"]
    begin = {"assistant_id": assistant_of_ada}
    conversation = ada.post("/v1/conversations", json=begin).json()["id"]
    answer = answered(ada, conversation, QUESTION)["message"]["content"]
    switched_on = ada.post(path, json={"is_off": False})
    again = ada.post(search, json={"query": QUESTION}).json()["data"]

    assert best["passage_id"] not in [each["passage_id"] for each in tried]
    assert best["passage_id"] not in [each["passage_id"] for each in of_program]
    assert "25 days" not in answer
    assert switched_on.status_code == 200, switched_on.text
    assert again[0]["passage_id"] == best["passage_id"]


def test_a_few_sentences_become_a_draft_that_nobody_publishes(
    place: Place, ada: httpx2.Client
) -> None:
    before = len(ada.get("/v1/assistants?limit=100").json()["data"])
    made = ada.post("/v1/assistant_drafts", json={"description": "A guide to the harbour."})
    after = len(ada.get("/v1/assistants?limit=100").json()["data"])
    member_id = ada.get("/v1/me").json()["id"]
    charged = "SELECT * FROM ledger WHERE member_id = :id AND purpose = 'draft'"

    assert made.status_code == 200, made.text
    drafted = made.json()
    assert (drafted["name"], drafted["starters"]) == ("Harbour", ["Harbour"])
    assert after == before
    rows = wait_until(
        lambda: place.rows(charged, id=member_id), seconds=20, what="the row of the draft"
    )
    assert rows[0]["output_tokens"] > 0


def test_a_failing_engine_is_said_and_holds_no_money(place: Place, ada: httpx2.Client) -> None:
    answer = ada.post("/v1/assistant_drafts", json={"description": "Please refuse at once."})

    assert answer.status_code >= 500
    assert place.rows("SELECT 1 FROM reservations WHERE purpose = 'draft'") == []
