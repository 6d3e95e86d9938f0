"""Turns: answers that outlive a page, told as events that can be re-read."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.integration.gateway_chat.places import HANDBOOK, Place
from tests.support.waiting import wait_until

QUESTION = "How many days of annual leave a year for full-time staff?"
FINAL = ("message", "failed")


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> str:
    made = ada.post("/v1/conversations", json={"assistant_id": assistant_of_ada})
    assert made.status_code == 201, made.text
    conversation_id: str = made.json()["id"]
    return conversation_id


def ask(person: httpx2.Client, conversation: str, text: str, **more: Any) -> dict[str, Any]:
    asked = person.post(f"/v1/conversations/{conversation}/turns", json={"text": text, **more})
    assert asked.status_code == 201, asked.text
    turn: dict[str, Any] = asked.json()
    return turn


def events_of(person: httpx2.Client, turn_id: str, after: int = 0) -> Iterator[dict[str, Any]]:
    """Events until the last; closing the iterator is leaving."""
    headers = {"last-event-id": str(after)} if after else {}
    with person.stream("GET", f"/v1/turns/{turn_id}/events", headers=headers) as response:
        assert response.status_code == 200
        for line in response.iter_lines():
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(event["text"] for event in events if event["type"] == "delta")


def answered(person: httpx2.Client, conversation: str, text: str, **more: Any) -> dict[str, Any]:
    """The final message of a turn read to its end."""
    turn = ask(person, conversation, text, **more)
    last: dict[str, Any] = list(events_of(person, turn["id"]))[-1]
    return last


def test_a_turn_is_told_in_steps_words_and_a_message(ada: httpx2.Client, conversation: str) -> None:
    turn = ask(ada, conversation, QUESTION)
    events = list(events_of(ada, turn["id"]))
    steps = [(each["text"], each["detail"]) for each in events if each["type"] == "status"]

    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert [name for name, _ in steps] == ["searching", "reading", "writing"]
    assert steps[0][1] == {"documents": 2}
    assert steps[1][1]["passages"] >= 1
    assert events[-1]["type"] == "message"
    assert text_of(events) == events[-1]["message"]["content"] == f"{HANDBOOK[0]} [1]"
    assert events[-1]["message"]["annotations"][0]["file_citation"]["quote"] == HANDBOOK[0]


def test_an_ended_answer_keeps_what_it_took(ada: httpx2.Client, conversation: str) -> None:
    turn = ask(ada, conversation, QUESTION)
    told = list(events_of(ada, turn["id"]))[-1]["message"]
    (_, listed) = ada.get(f"/v1/conversations/{conversation}/messages").json()["data"]
    context = ada.get(f"/v1/turns/{turn['id']}/context").json()

    steps = [(each["step"], each["detail"]) for each in told["steps"]]
    assert [name for name, _ in steps] == ["searching", "reading", "writing"]
    assert steps[0][1] == {"documents": 2}
    assert min(each["ms"] for each in told["steps"]) >= 0
    assert listed == told == ada.get(f"/v1/turns/{turn['id']}").json()["answer"]
    assert (told["cost"], told["currency"]) == (context["cost"], context["currency"])
    assert told["cost"] is not None


@pytest.mark.parametrize("after", [1, 3, 7])
def test_a_turn_can_be_read_again_from_any_event(
    ada: httpx2.Client, conversation: str, after: int
) -> None:
    turn = ask(ada, conversation, QUESTION)
    events = list(events_of(ada, turn["id"]))
    again = list(events_of(ada, turn["id"], after))

    assert again == events[after:]


def test_a_turn_read_to_its_end_has_nothing_more(ada: httpx2.Client, conversation: str) -> None:
    turn = ask(ada, conversation, QUESTION)
    last = list(events_of(ada, turn["id"]))[-1]["id"]

    assert list(events_of(ada, turn["id"], last)) == []


def test_the_conversation_keeps_what_was_said(ada: httpx2.Client, conversation: str) -> None:
    message = answered(ada, conversation, QUESTION)["message"]
    said = ada.get(f"/v1/conversations/{conversation}/messages").json()["data"]
    listed = ada.get("/v1/conversations").json()["data"]
    mine = next(each for each in listed if each["id"] == conversation)

    assert [each["role"] for each in said] == ["user", "assistant"]
    assert said[1] == message
    assert (mine["title"], mine["assistant_name"]) == (QUESTION, "Handbook")


def test_the_next_turn_repeats_the_last_byte_for_byte(
    ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, QUESTION)["message"]["usage"]
    second = answered(ada, conversation, "When are travel expenses repaid?")["message"]["usage"]

    # All of the first prompt is found in the engine's prefix cache.
    assert second["prompt_tokens_details"]["cached_tokens"] >= first["prompt_tokens"]


def test_usage_of_a_turn_is_its_ledger_row(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    message = answered(ada, conversation, QUESTION)["message"]
    (row,) = place.ledger(message["turn_id"])

    assert row["conversation_id"] == conversation
    assert (row["input_tokens"], row["output_tokens"]) == (
        message["usage"]["prompt_tokens"],
        message["usage"]["completion_tokens"],
    )


def test_stop_keeps_what_is_written(place: Place, ada: httpx2.Client, conversation: str) -> None:
    turn = ask(ada, conversation, "say nothing more")
    events = []
    for event in events_of(ada, turn["id"]):
        events.append(event)
        if text_of(events) == "One two three":
            ada.post(f"/v1/turns/{turn['id']}/stop")
    (row,) = place.ledger(turn["id"])
    message = events[-1]["message"]

    assert (message["status"], message["content"]) == ("stopped", "One two three")
    assert (row["status"], row["output_tokens"]) == ("cancelled", 3)
    assert answered(ada, conversation, QUESTION)["message"]["status"] == "complete"


def test_a_turn_without_readers_ends(ada: httpx2.Client, conversation: str) -> None:
    turn = ask(ada, conversation, "say nothing more")
    ended = wait_until(
        lambda: _final(ada, turn["id"]), seconds=60, what="the turn to end by itself"
    )

    assert ended is not None
    assert (ended["status"], ended["error"]) == ("stopped", "no_reader")


def test_a_reader_keeps_a_turn_alive(ada: httpx2.Client, conversation: str) -> None:
    turn = ask(ada, conversation, "say nothing more")
    with pytest.raises(httpx2.ReadTimeout):
        # Longer than the time after which nobody counts as a reader any more.
        list(events_of_for(ada, turn["id"], seconds=6))
    still = ada.get(f"/v1/turns/{turn['id']}").json()["answer"]["status"]
    ada.post(f"/v1/turns/{turn['id']}/stop")

    assert still == "running"


def test_a_failing_engine_is_said_and_the_next_turn_works(
    ada: httpx2.Client, conversation: str
) -> None:
    failed = answered(ada, conversation, "break off")
    next_one = answered(ada, conversation, QUESTION)

    assert (failed["type"], failed["code"]) == ("failed", "engine_failed")
    assert failed["message"]["content"] == "One two three four"
    assert next_one["message"]["status"] == "complete"


def test_one_turn_at_a_time(ada: httpx2.Client, conversation: str) -> None:
    turn = ask(ada, conversation, "say nothing more")
    second = ada.post(f"/v1/conversations/{conversation}/turns", json={"text": "And now?"})
    ada.post(f"/v1/turns/{turn['id']}/stop")

    assert (second.status_code, second.json()["error"]["code"]) == (409, "turn_in_progress")


def test_a_turn_whose_process_died_is_failed_by_the_next_look(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    turn = answered(ada, conversation, QUESTION)["message"]["turn_id"]
    place.rows(
        "UPDATE turns SET status = 'running', deadline_at = now() - interval '1 s' WHERE id = :id",
        id=turn,
    )
    place.rows(
        "UPDATE messages SET status = 'running' WHERE turn_id = :id AND role = 'assistant'", id=turn
    )
    said = ada.get(f"/v1/conversations/{conversation}/messages").json()["data"]

    assert (said[1]["status"], said[1]["error"]) == ("failed", "interrupted")
    assert answered(ada, conversation, QUESTION)["type"] == "message"


def test_an_edited_question_begins_a_branch(ada: httpx2.Client, conversation: str) -> None:
    first = answered(ada, conversation, QUESTION)["message"]
    answered(ada, conversation, "When are travel expenses repaid?")
    branch = ask(ada, conversation, "Who hears of a lost laptop?", parent_id=first["id"])
    list(events_of(ada, branch["id"]))

    assert branch["question"]["parent_id"] == first["id"]


def test_a_parent_of_another_conversation_is_unknown(ada: httpx2.Client, conversation: str) -> None:
    response = ada.post(
        f"/v1/conversations/{conversation}/turns", json={"text": "Hi", "parent_id": "msg_other"}
    )

    assert (response.status_code, response.json()["error"]["code"]) == (404, "parent_not_found")


def test_a_question_over_the_limit_leaves_no_turn(ada: httpx2.Client, conversation: str) -> None:
    response = ada.post(f"/v1/conversations/{conversation}/turns", json={"text": "x" * 9_000})
    said = ada.get(f"/v1/conversations/{conversation}/messages").json()["data"]

    assert (response.status_code, response.json()["error"]["code"]) == (400, "question_too_long")
    assert said == []


def test_conversations_are_their_members_own(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str
) -> None:
    turn = ask(ada, conversation, QUESTION)["id"]
    list(events_of(ada, turn))
    statuses = [
        bob.get(f"/v1/conversations/{conversation}").status_code,
        bob.get(f"/v1/conversations/{conversation}/messages").status_code,
        bob.delete(f"/v1/conversations/{conversation}").status_code,
        bob.post(f"/v1/conversations/{conversation}/turns", json={"text": "Hi"}).status_code,
        bob.get(f"/v1/turns/{turn}").status_code,
        bob.get(f"/v1/turns/{turn}/events").status_code,
        bob.post(f"/v1/turns/{turn}/stop").status_code,
    ]

    assert statuses == [404] * 7


def test_a_deleted_conversation_is_gone(ada: httpx2.Client, conversation: str) -> None:
    deleted = ada.delete(f"/v1/conversations/{conversation}").json()
    listed = [each["id"] for each in ada.get("/v1/conversations").json()["data"]]

    assert (deleted["object"], deleted["deleted"]) == ("conversation.deleted", True)
    assert conversation not in listed
    assert ada.get(f"/v1/conversations/{conversation}").status_code == 404


def test_a_draft_is_talked_to_by_its_builder(ada: httpx2.Client, assistant_of_ada: str) -> None:
    made = ada.post(
        "/v1/conversations", json={"assistant_id": assistant_of_ada, "draft": True}
    ).json()

    assert made["assistant_version"] is None
    assert answered(ada, made["id"], QUESTION)["message"]["status"] == "complete"


def events_of_for(person: httpx2.Client, turn_id: str, seconds: float) -> Iterator[dict[str, Any]]:
    """Events until none came for so long. Pings come every 15 seconds only."""
    with person.stream("GET", f"/v1/turns/{turn_id}/events", timeout=seconds) as response:
        for line in response.iter_lines():
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))


def _final(person: httpx2.Client, turn_id: str) -> dict[str, Any] | None:
    answer: dict[str, Any] = person.get(f"/v1/turns/{turn_id}").json()["answer"]
    return None if answer["status"] == "running" else answer
