"""A used-up budget refuses answers, with the reason and the day on which it begins anew."""

from typing import Any

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place

COMPLETION = {"model": "simulator", "messages": [{"role": "user", "content": "Count to three."}]}


@pytest.fixture
def assistant_of_bob(bob: httpx2.Client) -> str:
    made = bob.post("/v1/assistants", json={"name": "Porch"}).json()
    assert bob.post(f"/v1/assistants/{made['id']}/publish").is_success
    return str(made["id"])


def budgeted(person: httpx2.Client, **budget: Any) -> None:
    wanted = {"subject": "workspace", "amount": "0", "period": "day"} | budget
    made = person.post("/v1/budgets", json=wanted)
    assert made.status_code == 201, made.text


def charged(place: Place, person: httpx2.Client) -> int:
    """How many calls of this person are in the ledger or under way."""
    member = person.get("/v1/me").json()["id"]
    return sum(
        len(place.rows(query, id=member))
        for query in (
            "SELECT id FROM ledger WHERE member_id = :id",
            "SELECT request_id FROM reservations WHERE member_id = :id",
        )
    )


@pytest.mark.parametrize("stream", [False, True])
def test_a_completion_is_refused_before_anything_is_generated(
    place: Place, bob: httpx2.Client, stream: bool
) -> None:
    budgeted(bob)
    refused = bob.post("/v1/chat/completions", json=COMPLETION | {"stream": stream})
    error = refused.json()["error"]

    assert refused.status_code == 429
    assert (error["type"], error["code"]) == ("insufficient_quota", "insufficient_quota")
    assert "the workspace's budget of 0 USD a day" in error["message"]
    assert "It begins anew on" in error["message"]
    assert refused.headers["x-should-retry"] == "false"
    assert "retry-after" not in refused.headers
    assert charged(place, bob) == 0


def test_a_turn_of_the_chat_says_why_it_was_not_answered(
    place: Place, bob: httpx2.Client, assistant_of_bob: str
) -> None:
    budgeted(bob)
    conversation = bob.post("/v1/conversations", json={"assistant_id": assistant_of_bob}).json()
    path = f"/v1/conversations/{conversation['id']}/turns"
    turn = bob.post(path, json={"text": "What was a stoa?"}).json()
    told = bob.get(f"/v1/turns/{turn['id']}/events").text

    assert '"code":"insufficient_quota"' in told.replace(" ", "")
    assert "the workspace's budget" in told
    assert charged(place, bob) == 0


def test_a_budget_with_room_is_answered_and_then_stands_lower(
    place: Place, bob: httpx2.Client
) -> None:
    budgeted(bob, amount="1")
    answered = bob.post("/v1/chat/completions", json=COMPLETION)
    (budget,) = bob.get("/v1/budgets").json()["data"]
    (row,) = place.ledger(answered.json()["id"])

    assert answered.status_code == 200, answered.text
    assert float(budget["spent"]) == pytest.approx(float(row["amount_pico"]) / 10**12)
    assert float(budget["spent"]) > 0
    assert budget["held"] == "0"


def test_a_request_that_the_engine_refuses_holds_nothing(place: Place, bob: httpx2.Client) -> None:
    budgeted(bob, amount="1")
    asked = COMPLETION | {"messages": [{"role": "user", "content": "refuse at once"}]}
    refused = bob.post("/v1/chat/completions", json=asked)
    (budget,) = bob.get("/v1/budgets").json()["data"]

    assert refused.status_code >= 500
    assert (budget["spent"], budget["held"]) == ("0", "0")
    assert charged(place, bob) == 0
