"""Builders read the questions that found nothing, of those alone who were told so."""

from typing import Any

import httpx2
import pytest

from gateway.main import build_app
from gateway.settings import ConversationLimits
from tests.integration.gateway_chat.places import Place
from tests.integration.gateway_chat.sharing import shared_as
from tests.integration.gateway_chat.talking import answered, begun
from tests.support.serving import served

KNOWN = "How many days of annual leave a year for full-time staff?"
UNKNOWN = "Who directs the orchestra of Vienna?"


@pytest.fixture
def assistant(ada: httpx2.Client, assistant_of_ada: str) -> str:
    """Published, reads the handbook, and was never asked."""
    known = ada.get(f"/v1/assistants/{assistant_of_ada}").json()["tool_resources"]
    made = ada.post("/v1/assistants", json={"name": "Fresh", "tool_resources": known}).json()
    ada.post(f"/v1/assistants/{made['id']}/publish")
    assistant_id: str = made["id"]
    return assistant_id


def unanswered(person: httpx2.Client, assistant: str, **page: Any) -> list[dict[str, Any]]:
    found = person.get(f"/v1/assistants/{assistant}/unanswered", params=page)
    assert found.status_code == 200, found.text
    data: list[dict[str, Any]] = found.json()["data"]
    return data


def test_equal_questions_are_one_row_with_words_count_and_day(
    ada: httpx2.Client, assistant: str
) -> None:
    for question in (KNOWN, UNKNOWN, f"  {UNKNOWN.upper()}\n"):
        answered(ada, begun(ada, assistant), question)
    (row,) = unanswered(ada, assistant)

    assert row["text"].lower() == UNKNOWN.lower()
    assert row["times"] == 2
    assert set(row) == {"id", "object", "text", "times", "day"}
    assert row["id"].startswith(f"unq_{row['day']}_")


def test_pages_of_it_hold_each_question_once(ada: httpx2.Client, assistant: str) -> None:
    conversation = begun(ada, assistant)
    for name in ("Vienna", "Prague", "Dresden"):
        answered(ada, conversation, f"Who directs the orchestra of {name}?")
    whole = unanswered(ada, assistant)
    first = unanswered(ada, assistant, limit=2)
    rest = unanswered(ada, assistant, limit=2, after=first[-1]["id"])

    assert len(whole) == 3
    assert first + rest == whole
    assert unanswered(ada, assistant, after="\u2028 nothing") is not None


def test_trials_and_temporary_conversations_are_not_in_it(
    ada: httpx2.Client, assistant: str
) -> None:
    for how in ({"draft": True}, {"temporary": True}):
        conversation = begun(ada, assistant, **how)
        answered(ada, conversation, UNKNOWN)
        assert not ada.get(f"/v1/conversations/{conversation}").json()["shows_unanswered"]

    assert unanswered(ada, assistant) == []


def test_what_is_deleted_or_erased_is_gone_from_it(
    place: Place, ada: httpx2.Client, assistant: str
) -> None:
    conversation = begun(ada, assistant)
    answered(ada, conversation, UNKNOWN)
    before = unanswered(ada, assistant)
    ada.delete(f"/v1/conversations/{conversation}")
    deleted = unanswered(ada, assistant)
    ada.post(f"/v1/conversations/{conversation}/restore")
    back = unanswered(ada, assistant)
    ada.delete(f"/v1/conversations/{conversation}")
    long_ago = "UPDATE conversations SET deleted_at = now() - interval '31 days' WHERE id = :id"
    place.rows(long_ago, id=conversation)
    place.swept()
    place.rows("UPDATE conversations SET deleted_at = NULL WHERE id = :id", id=conversation)

    assert [len(each) for each in (before, deleted, back)] == [1, 0, 1]
    assert unanswered(ada, assistant) == []


def test_of_who_was_not_told_nothing_is_shown(
    place: Place, ada: httpx2.Client, assistant: str
) -> None:
    """Begun before this was built, or while the setting was off."""
    conversation = begun(ada, assistant)
    untold = "UPDATE conversations SET shows_unanswered = false WHERE id = :id"
    place.rows(untold, id=conversation)
    answered(ada, conversation, UNKNOWN)

    assert unanswered(ada, assistant) == []
    assert ada.get(f"/v1/assistants/{assistant}/statistics").json()["not_found"] == 1


def test_people_of_other_workspaces_are_neither_shown_nor_told_so(
    ada: httpx2.Client, bob: httpx2.Client, assistant: str
) -> None:
    with shared_as("public", ada, assistant):
        conversation = begun(bob, assistant)
        answered(bob, conversation, UNKNOWN)
        told = [
            bob.get(path).json()["shows_unanswered"]
            for path in (f"/v1/conversations/{conversation}", f"/a/{assistant}/v1/models/default")
        ]
        status = bob.get(f"/v1/assistants/{assistant}/unanswered").status_code

    assert (told, status) == ([False, False], 404)
    assert unanswered(ada, assistant) == []
    assert ada.get(f"/a/{assistant}/v1/models/default").json()["shows_unanswered"] is True


def test_switched_off_it_is_a_number_again(
    place: Place, ada: httpx2.Client, assistant: str
) -> None:
    told = begun(ada, assistant)
    answered(ada, told, UNKNOWN)
    off = place.settings.model_copy(
        update={"conversations": ConversationLimits(shows_unanswered=False)}
    )
    with (
        served(build_app(off)) as address,
        httpx2.Client(base_url=address, headers=ada.headers, timeout=30) as ada_there,
    ):
        use = ada_there.get(f"/v1/assistants/{assistant}/statistics").json()
        found = unanswered(ada_there, assistant)
        made = ada_there.get(f"/v1/conversations/{begun(ada_there, assistant)}").json()
        former = ada_there.get(f"/v1/conversations/{told}").json()
        door = ada_there.get(f"/a/{assistant}/v1/models/default").json()

    assert (use["not_found"], use["shows_unanswered"], found) == (1, False, [])
    assert [each["shows_unanswered"] for each in (made, former, door)] == [False] * 3
