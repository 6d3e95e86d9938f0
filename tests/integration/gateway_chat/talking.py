"""Asking and reading answers, for the tests of this folder."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2


def begun(person: httpx2.Client, assistant: str, **more: Any) -> str:
    """A new conversation's id."""
    made = person.post("/v1/conversations", json={"assistant_id": assistant, **more})
    assert made.status_code == 201, made.text
    conversation_id: str = made.json()["id"]
    return conversation_id


def ask(person: httpx2.Client, conversation: str, text: str, **more: Any) -> dict[str, Any]:
    """A turn that has begun."""
    asked = person.post(f"/v1/conversations/{conversation}/turns", json={"text": text, **more})
    assert asked.status_code == 201, asked.text
    turn: dict[str, Any] = asked.json()
    return turn


def regenerate(person: httpx2.Client, turn_id: str) -> dict[str, Any]:
    """Another turn of the same question, begun."""
    asked = person.post(f"/v1/turns/{turn_id}/regenerate")
    assert asked.status_code == 201, asked.text
    turn: dict[str, Any] = asked.json()
    return turn


def read_out(person: httpx2.Client, turn: dict[str, Any]) -> dict[str, Any]:
    """The final message of a turn."""
    with person.stream("GET", f"/v1/turns/{turn['id']}/events") as response:
        events = [json.loads(line[5:]) for line in response.iter_lines() if line[:5] == "data:"]
    message: dict[str, Any] = events[-1]["message"]
    return message


def answered(person: httpx2.Client, conversation: str, text: str, **more: Any) -> dict[str, Any]:
    """The answer to a question, whole."""
    message = read_out(person, ask(person, conversation, text, **more))
    assert message["status"] == "complete", message
    return message


def said(person: httpx2.Client, conversation: str) -> list[dict[str, Any]]:
    """The branch that is shown, page after page."""
    return list(_pages(person, f"/v1/conversations/{conversation}/messages"))


def listed(person: httpx2.Client, **wanted: Any) -> list[str]:
    """The ids in the list of conversations."""
    found = person.get("/v1/conversations", params=wanted)
    assert found.status_code == 200, found.text
    return [each["id"] for each in found.json()["data"]]


def _pages(person: httpx2.Client, path: str) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = person.get(path, params={"limit": 3} | ({"after": after} if after else {})).json()
        yield from page["data"]
        if not page["has_more"]:
            return
        after = page["last_id"]
