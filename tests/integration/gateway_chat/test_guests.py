"""Guests who come by a link: they are answered as members are, the workspace pays, and revoking the
link ends what is being written for them."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx2
import pytest

from tests.integration.gateway_chat.places import HANDBOOK, Place
from tests.integration.gateway_chat.talking import ask, begun, read_out
from tests.support.waiting import wait_until

QUESTION = "How many days of annual leave a year?"


@pytest.fixture
def link(ada: httpx2.Client, assistant_of_ada: str) -> dict[str, Any]:
    made = ada.post(f"/v1/assistants/{assistant_of_ada}/links", json={"name": "Friends"})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


@pytest.fixture
def guest(place: Place, link: dict[str, Any]) -> Iterator[httpx2.Client]:
    """Somebody without an account who came by the link."""
    with closing(httpx2.Client(base_url=place.gateway, timeout=30)) as client:
        visit = client.post(f"/v1/doors/{link['token']}/visits")
        assert visit.status_code == 201, visit.text
        client.headers["authorization"] = f"Bearer {visit.json()['token']}"
        yield client


def test_a_guest_gets_a_cited_answer_that_the_workspace_pays_for(
    place: Place, guest: httpx2.Client, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    used = "SELECT sum(answers) AS answers FROM listing_people"
    before = place.rows(used)
    turn = ask(guest, begun(guest, assistant_of_ada), QUESTION)
    message = read_out(guest, turn)
    (row,) = place.ledger(turn["id"])
    (cited,) = [each["file_citation"] for each in message["annotations"]]
    home = ada.get("/v1/me").json()["workspace"]["id"]
    passage = guest.get(f"/v1/passages/{cited['passage_id']}")

    assert cited["quote"] == HANDBOOK[0]
    assert passage.json()["error"]["code"] == "members_only"
    assert (row["workspace_id"], row["member_id"]) == (home, None)
    # What it cost is the affair of those who pay, and no guest counts in the store.
    assert (message["cost"], guest.get(f"/v1/turns/{turn['id']}").json()["answer"]["cost"]) == (
        None,
        None,
    )
    assert row["amount_pico"] > 0
    assert place.rows(used) == before


def test_revoking_a_link_ends_what_is_being_written_for_its_guests(
    place: Place,
    guest: httpx2.Client,
    ada: httpx2.Client,
    assistant_of_ada: str,
    link: dict[str, Any],
) -> None:
    turn = ask(guest, begun(guest, assistant_of_ada), "say nothing more")
    lines: list[str] = []
    with guest.stream("GET", f"/v1/turns/{turn['id']}/events") as stream:
        for line in stream.iter_lines():
            lines.append(line)
            if "three" in line:
                assert ada.delete(f"/v1/links/{link['id']}").status_code == 200
    last_words = " ".join(lines[-4:])

    def ended() -> Any:
        query = "SELECT status, error, content FROM messages WHERE turn_id = :id AND role = :role"
        (row,) = place.rows(query, id=turn["id"], role="assistant")
        return None if row["status"] == "running" else row

    answer = wait_until(ended, seconds=20, what="the turn to end")

    # Nobody goes on writing for nobody: had it waited for readers, it would say so.
    assert (answer["status"], answer["error"]) == ("stopped", "door_closed")
    assert answer["content"] == "One two three"
    # Whichever sees it first, the writer or who watches the stream.
    assert "visit_over" in last_words or "door_closed" in last_words
    assert guest.get(f"/v1/turns/{turn['id']}").json()["error"]["code"] == "visit_over"
