"""Readers say what an answer is worth; its builders read that, and nothing beside it."""

from typing import Any

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place
from tests.integration.gateway_chat.sharing import shared_as
from tests.integration.gateway_chat.talking import answered, ask, begun, read_out, said

LEAVE = "How many days of annual leave a year, zephyr?"
WORDS = {"rating": "down", "comment": "Out of date.", "correction": "It is 28 days."}


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> str:
    return begun(ada, assistant_of_ada)


@pytest.fixture
def answer(ada: httpx2.Client, conversation: str) -> str:
    answer_id: str = answered(ada, conversation, LEAVE)["id"]
    return answer_id


def give(person: httpx2.Client, message: str, **words: Any) -> httpx2.Response:
    return person.put(f"/v1/messages/{message}/feedback", json=words)


def notes(person: httpx2.Client, assistant: str) -> list[dict[str, Any]]:
    found = person.get(f"/v1/assistants/{assistant}/feedback", params={"limit": 100})
    assert found.status_code == 200, found.text
    data: list[dict[str, Any]] = found.json()["data"]
    return data


def thumbs(person: httpx2.Client, assistant: str) -> tuple[int, int]:
    use = person.get(f"/v1/assistants/{assistant}/statistics").json()
    return use["rated_up"], use["rated_down"]


def joined(place: Place, person: httpx2.Client, owner: httpx2.Client, power: str) -> str:
    """Put somebody into the owner's workspace; their id."""
    member_id: str = person.get("/v1/me").json()["id"]
    ids = {"member": member_id, "power": power}
    ids["workspace"] = owner.get("/v1/me").json()["workspace"]["id"]
    place.rows(
        "INSERT INTO memberships (workspace_id, member_id, power)"
        " VALUES (:workspace, :member, :power)",
        **ids,
    )
    place.rows("UPDATE sessions SET workspace_id = :workspace WHERE member_id = :member", **ids)
    return member_id


def test_it_stands_with_the_answer_and_is_replaced_whole(
    ada: httpx2.Client, conversation: str, answer: str
) -> None:
    first = give(ada, answer, **WORDS)
    again = give(ada, answer, rating="up").json()
    told = said(ada, conversation)
    of_turn = ada.get(f"/v1/turns/{told[1]['turn_id']}").json()["answer"]

    assert first.status_code == 200, first.text
    assert again["id"] == first.json()["id"]
    assert (again["rating"], again["comment"], again["correction"]) == ("up", "", "")
    assert [each["feedback"] for each in told] == [None, again]
    assert of_turn["feedback"] == again


def test_it_can_be_taken_back_twice(
    ada: httpx2.Client, assistant_of_ada: str, conversation: str, answer: str
) -> None:
    before = thumbs(ada, assistant_of_ada)
    given = give(ada, answer, **WORDS).json()["id"]
    path = f"/v1/messages/{answer}/feedback"
    taken = [ada.delete(path) for _ in range(2)]

    assert [each.status_code for each in taken] == [200, 200]
    assert taken[0].json()["conversation_id"] == conversation
    assert said(ada, conversation)[1]["feedback"] is None
    assert thumbs(ada, assistant_of_ada) == before
    assert given not in [each["id"] for each in notes(ada, assistant_of_ada)]


def test_builders_read_the_words_and_neither_the_talk_nor_its_member(
    ada: httpx2.Client, assistant_of_ada: str, answer: str
) -> None:
    up, down = thumbs(ada, assistant_of_ada)
    given = give(ada, answer, **WORDS).json()["id"]
    (note,) = [each for each in notes(ada, assistant_of_ada) if each["id"] == given]

    assert thumbs(ada, assistant_of_ada) == (up, down + 1)
    assert {name: note[name] for name in WORDS} == WORDS
    assert set(note) == {*WORDS, "id", "object", "updated_at"}


def test_a_thumb_alone_is_counted_and_not_listed(
    ada: httpx2.Client, assistant_of_ada: str, answer: str
) -> None:
    up, down = thumbs(ada, assistant_of_ada)
    given = give(ada, answer, rating="up", comment="  ").json()["id"]

    assert thumbs(ada, assistant_of_ada) == (up + 1, down)
    assert given not in [each["id"] for each in notes(ada, assistant_of_ada)]


@pytest.mark.parametrize(("power", "status"), [(None, 404), ("guest", 404), ("member", 403)])
def test_nobody_but_builders_reads_it(
    place: Place,
    ada: httpx2.Client,
    bob: httpx2.Client,
    assistant_of_ada: str,
    power: str | None,
    status: int,
) -> None:
    """A builder of another workspace, a guest, and a member who may ask the assistant."""
    if power is not None:
        joined(place, bob, ada, power)
    with shared_as("workspace", ada, assistant_of_ada):
        statuses = [
            bob.get(f"/v1/assistants/{assistant_of_ada}/{what}").status_code
            for what in ("feedback", "statistics")
        ]

    assert statuses == [status, status]


def test_only_ended_answers_of_ones_own_are_rated(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str, answer: str
) -> None:
    question = said(ada, conversation)[0]["id"]
    turn = ask(ada, conversation, "zephyr, say nothing more")
    refused = [
        give(bob, answer, rating="up"),
        bob.delete(f"/v1/messages/{answer}/feedback"),
        give(ada, question, rating="up"),
        give(ada, turn["answer"]["id"], rating="up"),
        give(ada, "msg_none", rating="up"),
    ]
    ada.post(f"/v1/turns/{turn['id']}/stop")
    read_out(ada, turn)

    assert {(each.status_code, each.json()["error"]["code"]) for each in refused} == {
        (404, "message_not_found")
    }


def test_a_temporary_conversation_takes_none(ada: httpx2.Client, assistant_of_ada: str) -> None:
    conversation = begun(ada, assistant_of_ada, temporary=True)
    answer = answered(ada, conversation, LEAVE)["id"]
    refused = give(ada, answer, rating="up")
    ada.delete(f"/v1/conversations/{conversation}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conversation_temporary")


def test_words_beyond_the_limits_are_refused(ada: httpx2.Client, answer: str) -> None:
    refused = [
        give(ada, answer, rating="up", comment="x" * 2_001),
        give(ada, answer, rating="up", correction="x" * 8_001),
        give(ada, answer, rating="sideways"),
        give(ada, answer, comment="No thumb."),
    ]

    assert [each.status_code for each in refused] == [400] * 4
    assert give(ada, answer, rating="up", comment="x" * 2_000).status_code == 200


def test_it_is_hidden_with_its_conversation_and_erased_with_it(
    place: Place, ada: httpx2.Client, assistant_of_ada: str, conversation: str, answer: str
) -> None:
    before = thumbs(ada, assistant_of_ada)
    given = give(ada, answer, **WORDS).json()["id"]
    kept = "SELECT id FROM feedback WHERE id = :id"
    ada.delete(f"/v1/conversations/{conversation}")
    hidden = (thumbs(ada, assistant_of_ada), notes(ada, assistant_of_ada))
    there = len(place.rows(kept, id=given))
    place.rows(
        "UPDATE conversations SET deleted_at = now() - interval '31 days' WHERE id = :id",
        id=conversation,
    )
    place.swept()

    assert hidden[0] == before
    assert given not in [each["id"] for each in hidden[1]]
    assert (there, len(place.rows(kept, id=given))) == (1, 0)
