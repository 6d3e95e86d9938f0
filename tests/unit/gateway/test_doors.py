"""Doors to an assistant from outside: links, public pages, guests, and what none of them opens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.settings import GuestLimits
from tests.support.gateway import (
    Person,
    RunningGateway,
    gateway_settings,
    running_gateway,
)

CANARY = "Peristyle"


@pytest.fixture
def gateway(database_url: str, tmp_path: Path) -> Iterator[RunningGateway]:
    settings = gateway_settings(database_url, tmp_path, guests=GuestLimits(admitted=True))
    with running_gateway(database_url, tmp_path, settings=settings) as running:
        yield running


@pytest.fixture
def atlas(ada: Person) -> str:
    """Ada's published assistant, which whoever has a link may ask."""
    fields = {"name": "Atlas", "description": "Maps.", "instructions": CANARY}
    _, made = ada.post("/v1/assistants", {**fields, "starters": ["Where is Delos?"]})
    assert ada.post(f"/v1/assistants/{made['id']}/publish")[0] == 200
    shared(ada, made["id"], "link")
    assistant_id: str = made["id"]
    return assistant_id


def shared(ada: Person, assistant_id: str, visibility: str) -> None:
    path = f"/v1/assistants/{assistant_id}/sharing"
    assert ada.put(path, {"visibility": visibility})[0] == 200


def link_to(ada: Person, assistant_id: str) -> dict[str, str]:
    status, link = ada.post(f"/v1/assistants/{assistant_id}/links", {"name": "Friends"})
    assert status == 201, link
    made: dict[str, str] = link
    return made


def visiting(gateway: RunningGateway, door: str) -> Person:
    """Somebody without an account who comes by a door."""
    answer = gateway.http.post(f"/v1/doors/{door}/visits")
    assert answer.status_code == 201, answer.text
    return Person(gateway.http, answer.json()["token"])


def seen(gateway: RunningGateway, door: str) -> tuple[int, str]:
    answer = gateway.http.get(f"/v1/doors/{door}")
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def test_a_link_shows_the_published_face_to_whoever_has_it(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    link = link_to(ada, atlas)
    answer = gateway.http.get(f"/v1/doors/{link['token']}")

    assert answer.status_code == 200
    face = answer.json()
    assert (face["kind"], face["name"], face["description"]) == ("link", "Atlas", "Maps.")
    assert face["admits_guests"] is True
    assert CANARY not in answer.text
    assert link["link"].endswith(f"/l/{link['token']}")


def test_a_guest_asks_and_reads_what_was_said(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest = visiting(gateway, link_to(ada, atlas)["token"])
    status, talk = guest.post("/v1/conversations", {"assistant_id": atlas})
    assert status == 201, talk
    status, turn = guest.post(f"/v1/conversations/{talk['id']}/turns", {"text": "Hi"})
    assert status == 201, turn
    status, said = guest.get(f"/v1/conversations/{talk['id']}/messages")

    assert [each["content"] for each in said["data"]][:1] == ["Hi"]
    status, visit = guest.get("/v1/visits/current")
    assert (status, visit["answers_left"]) == (200, 19)
