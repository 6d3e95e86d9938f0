"""Who got an answer may rate: counted once for each answer, and never for trials or builders."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place
from tests.integration.gateway_chat.sharing import shared_as
from tests.integration.gateway_chat.talking import answered, ask, begun, read_out

QUESTION = "How many days of annual leave a year, zephyr?"


@pytest.fixture
def listing(ada: httpx2.Client, assistant_of_ada: str) -> Iterator[str]:
    """Public for the time of a test: the others of this folder share the assistant."""
    with shared_as("public", ada, assistant_of_ada):
        yield assistant_of_ada


def uses(place: Place, person: httpx2.Client) -> list[tuple[int, int]]:
    """Conversations and answers, as they were counted."""
    member_id = person.get("/v1/me").json()["id"]
    query = "SELECT conversations, answers FROM listing_people WHERE member_id = :member"
    return [(row["conversations"], row["answers"]) for row in place.rows(query, member=member_id)]


def test_answers_count_once_each_and_open_the_rating(
    place: Place, bob: httpx2.Client, listing: str
) -> None:
    path = f"/v1/catalog/listings/{listing}/rating"
    early = bob.put(path, json={"stars": 5})
    conversation = begun(bob, listing)
    answered(bob, conversation, QUESTION)
    answered(bob, conversation, QUESTION)
    answered(bob, begun(bob, listing), QUESTION)
    rated = bob.put(path, json={"stars": 5, "review": "It knows the handbook."})

    assert (early.status_code, early.json()["error"]["code"]) == (403, "not_used_yet")
    assert uses(place, bob) == [(2, 3)]
    assert rated.status_code == 200, rated.text


def test_builders_temporary_chats_and_broken_answers_do_not_count(
    place: Place, ada: httpx2.Client, bob: httpx2.Client, listing: str
) -> None:
    answered(ada, begun(ada, listing), QUESTION)
    answered(ada, begun(ada, listing, draft=True), QUESTION)
    answered(bob, begun(bob, listing, temporary=True), QUESTION)
    read_out(bob, ask(bob, begun(bob, listing), "Please break off"))

    assert uses(place, ada) == uses(place, bob) == []
