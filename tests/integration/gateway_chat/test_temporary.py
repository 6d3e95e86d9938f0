"""A temporary conversation leaves nothing but a ledger row without its name."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place
from tests.integration.gateway_chat.talking import (
    answered,
    ask,
    begun,
    listed,
    read_out,
    regenerate,
    said,
)
from tests.support.waiting import wait_until

SECRET = "How many days of annual leave, mistral?"


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> Iterator[str]:
    """A temporary one, which leaves nothing for the next test either."""
    begun_here = begun(ada, assistant_of_ada, temporary=True)
    yield begun_here
    ada.delete(f"/v1/conversations/{begun_here}")


def holding(place: Place, word: str) -> set[str]:
    """The tables in which this word stands anywhere."""
    tables = place.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    looks = " UNION ALL ".join(
        f"SELECT '{each['name']}' AS name FROM {each['name']} t WHERE strpos(t::text, :word) > 0"  # noqa: S608
        for each in tables
    )
    return {each["name"] for each in place.rows(looks, word=word)}


def test_it_is_answered_like_any_other_and_is_in_no_list(
    ada: httpx2.Client, conversation: str
) -> None:
    answer = answered(ada, conversation, SECRET)
    view = ada.get(f"/v1/conversations/{conversation}").json()

    assert answer["status"] == "complete"
    assert view["expires_at"] - view["created_at"] == 4 * 3_600
    assert len(said(ada, conversation)) == 2
    assert conversation not in listed(ada, limit=100) + listed(ada, query="mistral")


def test_ended_by_its_member_it_is_nowhere(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    first = answered(ada, conversation, SECRET)
    again = read_out(ada, regenerate(ada, first["turn_id"]))
    ada.delete(f"/v1/conversations/{conversation}")
    rows = [place.ledger(each["turn_id"])[0] for each in (first, again)]
    events = ada.get(f"/v1/turns/{first['turn_id']}/events").status_code

    assert [row["conversation_id"] for row in rows] == [None, None]
    # The record of acts names what was deleted, and holds no word of it.
    assert holding(place, "mistral") == set()
    assert holding(place, conversation) <= {"audit_events"}
    assert events == 404


def test_it_ends_by_itself(place: Place, ada: httpx2.Client, conversation: str) -> None:
    answered(ada, conversation, SECRET)
    place.rows(
        "UPDATE conversations SET expires_at = now() - interval '1 s' WHERE id = :id",
        id=conversation,
    )
    over = ada.get(f"/v1/conversations/{conversation}").status_code
    place.swept()

    assert over == 404
    assert holding(place, "mistral") == set()


def test_its_events_are_forgotten_with_it(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    turn = answered(ada, conversation, SECRET)["turn_id"]
    before = place.told(turn)
    ada.delete(f"/v1/conversations/{conversation}")

    assert (len(before) > 0, place.told(turn)) == (True, [])


def test_an_answer_in_the_making_leaves_nothing_either(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    turn = ask(ada, conversation, "mistral, say nothing more")["id"]
    # Deleted before its engine is asked, it would cost nothing, and have no row.
    wait_until(
        lambda: any(each.type == "delta" for each in place.told(turn)),
        seconds=10,
        what="the engine to write",
    )
    ada.delete(f"/v1/conversations/{conversation}")
    wait_until(lambda: place.ledger(turn), seconds=10, what="the call to be settled")
    wait_until(lambda: not place.told(turn), seconds=10, what="the events to be forgotten")

    assert holding(place, "mistral") == set()


def test_it_has_no_name_and_no_folder(ada: httpx2.Client, conversation: str) -> None:
    refused = ada.patch(f"/v1/conversations/{conversation}", json={"pinned": True})

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conversation_temporary")


def test_it_cannot_be_had_back(ada: httpx2.Client, conversation: str) -> None:
    ada.delete(f"/v1/conversations/{conversation}")

    assert ada.post(f"/v1/conversations/{conversation}/restore").status_code == 404
