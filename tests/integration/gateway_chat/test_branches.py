"""A conversation is a tree: questions are edited, answers written anew, and one branch is shown."""

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place
from tests.integration.gateway_chat.talking import (
    answered,
    ask,
    begun,
    read_out,
    regenerate,
    said,
)

LEAVE = "How many days of annual leave a year for full-time staff?"
TRAVEL = "When are travel expenses repaid?"
LAPTOP = "Who hears of a lost laptop?"


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> str:
    return begun(ada, assistant_of_ada)


def shown(person: httpx2.Client, conversation: str) -> list[str]:
    """The questions of the branch."""
    return [each["content"] for each in said(person, conversation) if each["role"] == "user"]


def choose(person: httpx2.Client, conversation: str, message_id: str) -> int:
    path = f"/v1/conversations/{conversation}/branch"
    return person.post(path, json={"message_id": message_id}).status_code


def test_an_edited_question_is_shown_instead_of_the_former_one(
    ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    answered(ada, conversation, TRAVEL)
    read_out(ada, ask(ada, conversation, LAPTOP, edits=first["parent_id"]))

    assert shown(ada, conversation) == [LAPTOP]


def test_a_branch_is_chosen_by_any_message_of_it_and_ends_where_it_was_left(
    ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    answered(ada, conversation, TRAVEL)
    read_out(ada, ask(ada, conversation, LAPTOP, edits=first["parent_id"]))
    statuses = [choose(ada, conversation, first["parent_id"])]

    assert statuses == [200]
    assert shown(ada, conversation) == [LEAVE, TRAVEL]


def test_each_message_tells_what_stands_beside_it(ada: httpx2.Client, conversation: str) -> None:
    first = answered(ada, conversation, LEAVE)
    second = ask(ada, conversation, LAPTOP, edits=first["parent_id"])
    read_out(ada, second)
    question, answer = said(ada, conversation)

    assert question["siblings"] == {
        "index": 2,
        "count": 2,
        "previous_id": first["parent_id"],
        "next_id": None,
    }
    assert second["question"]["siblings"] == question["siblings"]
    assert answer["siblings"]["count"] == 1


def test_a_regenerated_answer_stands_beside_the_former_under_one_question(
    ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    again = read_out(ada, regenerate(ada, first["turn_id"]))
    question, answer = said(ada, conversation)
    former = ada.get(f"/v1/turns/{first['turn_id']}").json()

    assert (again["parent_id"], question["content"]) == (first["parent_id"], LEAVE)
    assert answer["id"] == again["id"] != first["id"]
    assert (again["siblings"]["index"], again["siblings"]["previous_id"]) == (2, first["id"])
    assert (former["question"]["id"], former["answer"]["id"]) == (question["id"], first["id"])


def test_both_answers_of_a_question_are_paid_and_accounted(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    again = read_out(ada, regenerate(ada, first["turn_id"]))
    rows = [place.ledger(each["turn_id"])[0] for each in (first, again)]
    contexts = [ada.get(f"/v1/turns/{each['turn_id']}/context").json() for each in (first, again)]

    assert [row["conversation_id"] for row in rows] == [conversation] * 2
    assert [each["segments"][-1]["text"] for each in contexts] == [LEAVE, LEAVE]


def test_history_is_the_path_of_the_branch_and_nothing_beside_it(
    ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    answered(ada, conversation, TRAVEL)
    branch = answered(ada, conversation, LAPTOP, parent_id=first["id"])
    context = ada.get(f"/v1/turns/{branch['turn_id']}/context").json()
    history = [each["message_id"] for each in context["segments"] if each["kind"] == "history"]

    assert history == [first["parent_id"], first["id"]]


def test_a_branch_repeats_what_its_own_answer_was_asked(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    again = read_out(ada, regenerate(ada, first["turn_id"]))
    place.rows(
        "UPDATE messages SET asked_content = 'Asked of the first' WHERE id = :id", id=first["id"]
    )
    follow = answered(ada, conversation, TRAVEL, parent_id=again["id"])["usage"]

    # All of the second prompt is found in the engine's prefix cache: not the first one's.
    cached = follow["prompt_tokens_details"]["cached_tokens"]
    assert cached >= again["usage"]["prompt_tokens"]


def test_the_first_question_can_be_edited(ada: httpx2.Client, conversation: str) -> None:
    first = answered(ada, conversation, LEAVE)
    branch = answered(ada, conversation, TRAVEL, edits=first["parent_id"])
    (question, _) = said(ada, conversation)

    assert (question["parent_id"], branch["parent_id"]) == (None, question["id"])


def test_two_windows_that_follow_one_answer_make_two_sound_branches(
    ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    one = answered(ada, conversation, TRAVEL, parent_id=first["id"])
    other = answered(ada, conversation, LAPTOP, parent_id=first["id"])
    after = shown(ada, conversation)
    choose(ada, conversation, one["id"])

    assert after == [LEAVE, LAPTOP]
    assert shown(ada, conversation) == [LEAVE, TRAVEL]
    assert other["status"] == one["status"] == "complete"


@pytest.mark.parametrize("field", ["edits", "parent_id"])
def test_a_branch_begins_at_a_message_of_its_own_conversation_only(
    ada: httpx2.Client, conversation: str, assistant_of_ada: str, field: str
) -> None:
    elsewhere = answered(ada, begun(ada, assistant_of_ada), LEAVE)
    named = elsewhere["parent_id"] if field == "edits" else elsewhere["id"]
    path = f"/v1/conversations/{conversation}/turns"
    response = ada.post(path, json={"text": "Hi", field: named})

    assert response.status_code == 404
    assert choose(ada, conversation, elsewhere["id"]) == 404


def test_nobody_regenerates_or_turns_the_pages_of_anothers_conversation(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, LEAVE)
    statuses = [
        bob.post(f"/v1/turns/{first['turn_id']}/regenerate").status_code,
        choose(bob, conversation, first["id"]),
    ]

    assert statuses == [404, 404]
