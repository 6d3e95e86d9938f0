"""Keys of one assistant: how they are made, listed and revoked, and when they die."""

import time
from typing import Any

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway, found


def made_by(person: Person, assistant: str, **more: object) -> dict[str, Any]:
    status, key = person.post("/v1/keys", {"name": "job", "assistant_id": assistant, **more})
    assert status == 201, key
    made: dict[str, Any] = key
    return made


def test_a_bound_key_says_what_it_opens(ada: Person, assistant_of_ada: str) -> None:
    _, assistant = ada.get(f"/v1/assistants/{assistant_of_ada}")
    made = made_by(ada, assistant["slug"])
    _, listed = ada.get("/v1/keys")

    assert (made["assistant_id"], made["assistant_name"]) == (assistant_of_ada, "Atlas")
    assert (made["scopes"], made["member_id"]) == (["chat"], ada.member_id)
    assert listed["data"] == [{name: made[name] for name in made if name != "key"}]


def test_a_bound_key_never_manages(ada: Person, assistant_of_ada: str) -> None:
    wanted = {"name": "k", "assistant_id": assistant_of_ada, "scopes": ["chat", "manage"]}
    status, problem = ada.post("/v1/keys", wanted)

    assert (status, problem["code"], problem["param"]) == (400, "scope_not_bindable", "scopes")


def test_nobody_binds_a_key_to_a_foreign_assistant(bob: Person, assistant_of_ada: str) -> None:
    status, problem = bob.post("/v1/keys", {"name": "k", "assistant_id": assistant_of_ada})

    assert (status, problem["code"]) == (404, "assistant_not_found")


def test_not_even_to_a_public_one(ada: Person, bob: Person, assistant_of_ada: str) -> None:
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    ada.put(f"/v1/assistants/{assistant_of_ada}/sharing", {"visibility": "public"})

    assert bob.post("/v1/keys", {"name": "k", "assistant_id": assistant_of_ada})[0] == 404


def test_a_key_dies_with_its_assistant(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    key = gateway.with_key(ada, "chat", assistant_id=assistant_of_ada)
    before, _ = key.get("/v1/models")
    ada.delete(f"/v1/assistants/{assistant_of_ada}")
    after, problem = key.get("/v1/models")

    assert (before, after, problem["code"]) == (200, 401, "invalid_api_key")
    assert ada.get("/v1/keys")[1]["data"] == []


def test_an_assistants_owner_sees_and_revokes_every_key_to_it(
    gateway: RunningGateway, ada: Person
) -> None:
    cleo = gateway.enrol("Cleo", power=Power.MEMBER, beside=ada)
    dan = gateway.enrol("Dan", power=Power.MEMBER, beside=ada)
    _, assistant = cleo.post("/v1/assistants", {"name": "Hers"})
    of_dan, of_cleo = made_by(dan, assistant["id"]), made_by(cleo, assistant["id"])
    made_by(dan, ada.post("/v1/assistants", {"name": "Else"})[1]["id"])

    def seen_by(person: Person) -> set[str]:
        _, listed = person.get("/v1/keys", assistant_id=assistant["slug"])
        return {key["id"] for key in listed["data"]}

    seen = (seen_by(cleo), seen_by(dan), seen_by(ada))
    refused, _ = dan.delete(f"/v1/keys/{of_cleo['id']}")
    revoked, _ = cleo.delete(f"/v1/keys/{of_dan['id']}")

    both = {of_dan["id"], of_cleo["id"]}
    assert seen == (both, {of_dan["id"]}, both)
    assert (refused, revoked) == (404, 200)


def test_a_key_without_scopes_named_has_them_all_unless_bound(ada: Person) -> None:
    _, whole = ada.post("/v1/keys", {"name": "k"})

    assert whole["scopes"] == ["chat", "ingest", "manage", "read"]
    assert whole["assistant_id"] is None


def test_no_key_is_published_where_guests_are_not_admitted(
    ada: Person, assistant_of_ada: str
) -> None:
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    wanted = {"name": "k", "kind": "publishable", "assistant_id": assistant_of_ada}
    status, problem = ada.post("/v1/keys", wanted | {"origins": ["https://shop.example"]})

    assert (status, problem["code"]) == (403, "guests_not_admitted")


async def test_only_a_hash_of_the_secret_is_stored(gateway: RunningGateway, ada: Person) -> None:
    _, made = ada.post("/v1/keys", {"name": "k"})
    ((row,),) = await found(gateway.database_url, "SELECT row_to_json(keys)::text FROM keys")

    assert made["key"].removeprefix(made["prefix"]) not in row
    assert len(made["key"]) >= len("sk-stoa-") + 43  # 256 bits in base 64


def test_the_last_use_is_written_at_most_once_a_minute(
    gateway: RunningGateway, ada: Person
) -> None:
    def last_used() -> int | None:
        used: int | None = ada.get("/v1/keys")[1]["data"][0]["last_used_at"]
        return used

    holder = gateway.with_key(ada, "read")
    never = last_used()
    holder.get("/v1/assistants")
    first = last_used()
    gateway.clock.forward(50)
    holder.get("/v1/assistants")
    still = last_used()
    gateway.clock.forward(15)
    holder.get("/v1/assistants")

    assert never is None
    assert first is not None
    assert abs(first - time.time()) < 30
    assert still == first
    assert (last_used() or 0) > first + 60
