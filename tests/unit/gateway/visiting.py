"""Doors and those who come by them, for tests of the gateway."""

import asyncio
from typing import Any

from gateway.accounts.rules import token_hash
from tests.support.gateway import Person, RunningGateway, found

CANARY = "Peristyle"


def published(person: Person, visibility: str) -> str:
    fields = {"name": "Atlas", "description": "Maps.", "instructions": CANARY}
    _, made = person.post("/v1/assistants", {**fields, "starters": ["Where is Delos?"]})
    assert person.post(f"/v1/assistants/{made['id']}/publish")[0] == 200
    share(person, made["id"], visibility)
    assistant_id: str = made["id"]
    return assistant_id


def share(person: Person, assistant_id: str, visibility: str) -> None:
    path = f"/v1/assistants/{assistant_id}/sharing"
    assert person.put(path, {"visibility": visibility})[0] == 200


def link_to(person: Person, assistant_id: str, **more: Any) -> dict[str, str]:
    status, link = person.post(f"/v1/assistants/{assistant_id}/links", {"name": "Friends", **more})
    assert status == 201, link
    made: dict[str, str] = link
    return made


def visiting(gateway: RunningGateway, door: str) -> Person:
    """Somebody without an account who comes by a door."""
    answer = gateway.http.post(f"/v1/doors/{door}/visits")
    assert answer.status_code == 201, answer.text
    return Person(gateway.http, answer.json()["token"])


def guest_of(gateway: RunningGateway, person: Person, assistant_id: str) -> Person:
    return visiting(gateway, link_to(person, assistant_id)["token"])


def talk_of(guest: Person, assistant_id: str) -> str:
    status, talk = guest.post("/v1/conversations", {"assistant_id": assistant_id})
    assert status == 201, talk
    conversation_id: str = talk["id"]
    return conversation_id


def seen(gateway: RunningGateway, door: str) -> tuple[int, str]:
    answer = gateway.http.get(f"/v1/doors/{door}")
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1].get("code", "")


def member_of(gateway: RunningGateway, guest: Person) -> str:
    query = "SELECT member_id FROM visits WHERE token_hash = :hash"
    rows = asyncio.run(found(gateway.database_url, query, hash=token_hash(guest.token)))
    member_id: str = rows[0][0]
    return member_id
