"""Assistants that are copied, given to somebody else, and brought back after a delete."""

import asyncio
from typing import Any

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway, changed
from tests.unit.gateway.working import collection_of


def done(answer: tuple[int, Any]) -> Any:
    status, body = answer
    assert status == 200, body
    return body


def knowing(person: Person, *collection_ids: str) -> str:
    resources = {"file_search": {"vector_store_ids": list(collection_ids)}}
    made = done(person.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources}))
    made_id: str = made["id"]
    return made_id


def known_to(view: dict[str, Any]) -> list[str]:
    known: list[str] = view["tool_resources"]["file_search"]["vector_store_ids"]
    return known


def test_a_duplicate_is_a_private_draft_of_whoever_made_it(
    gateway: RunningGateway, ada: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    original = knowing(ada)
    done(ada.patch(f"/v1/assistants/{original}", {"instructions": "Be kind.", "top_p": 0.5}))
    done(ada.post(f"/v1/assistants/{original}/publish"))
    copy = done(mel.post(f"/v1/assistants/{original}/duplicate", {"name": "Mine"}))["assistant"]
    done(mel.patch(f"/v1/assistants/{copy['id']}", {"instructions": "Be brief."}))

    assert (copy["name"], copy["instructions"], copy["top_p"]) == ("Mine", "Be kind.", 0.5)
    assert (copy["visibility"], copy["published_version"]) == ("private", None)
    assert copy["slug"] != done(ada.get(f"/v1/assistants/{original}"))["slug"]
    assert done(ada.get(f"/v1/assistants/{original}"))["instructions"] == "Be kind."


def test_a_duplicate_reads_only_what_its_maker_may_let_it_read(
    gateway: RunningGateway, ada: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    open_, closed = collection_of(ada), collection_of(ada)
    done(ada.put(f"/v1/vector_stores/{closed}/sharing", {"visibility": "private"}))
    original = knowing(ada, open_, closed)
    made = done(mel.post(f"/v1/assistants/{original}/duplicate", {}))

    assert known_to(made["assistant"]) == [open_]
    assert made["left_out"] == [closed]


def test_guests_and_strangers_duplicate_nothing(gateway: RunningGateway, ada: Person) -> None:
    gus = gateway.enrol("Gus", power=Power.GUEST, beside=ada)
    bob = gateway.enrol("Bob")
    original = knowing(ada)

    assert gus.post(f"/v1/assistants/{original}/duplicate", {})[0] == 404
    assert bob.post(f"/v1/assistants/{original}/duplicate", {})[0] == 404


def test_a_new_owner_has_it_from_then_on_and_the_former_one_no_longer(
    gateway: RunningGateway, ada: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    nia = gateway.enrol("Nia", power=Power.MEMBER, beside=ada)
    mine = knowing(mel)
    done(mel.put(f"/v1/assistants/{mine}/sharing", {"visibility": "private"}))
    for _ in range(2):
        done(ada.post(f"/v1/assistants/{mine}/transfer", {"member_id": nia.member_id}))
    acts = done(ada.get("/v1/admin/audit", limit=100))["data"]

    assert nia.patch(f"/v1/assistants/{mine}", {"name": "Nia's"})[0] == 200
    assert mel.get(f"/v1/assistants/{mine}")[0] == 404
    assert [act["action"] for act in acts].count("assistant.transferred") == 1


def test_after_a_transfer_it_reads_with_the_new_owners_rights(
    gateway: RunningGateway, ada: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    closed = collection_of(ada)
    done(ada.put(f"/v1/vector_stores/{closed}/sharing", {"visibility": "private"}))
    mine = knowing(ada, closed)
    told = done(ada.post(f"/v1/assistants/{mine}/transfer", {"member_id": mel.member_id}))
    status, problem = mel.post(f"/v1/assistants/{mine}/publish")

    assert told["left_out"] == [closed]
    assert (status, problem["code"]) == (404, "vector_store_not_found")


def test_only_active_members_who_are_no_guests_become_owners(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    gus = gateway.enrol("Gus", power=Power.GUEST, beside=ada)
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    mine = knowing(ada)
    path = f"/v1/assistants/{mine}/transfer"
    answers = [ada.post(path, {"member_id": who}) for who in (gus.member_id, bob.member_id, "")]

    assert [(status, body["code"]) for status, body in answers] == [
        (400, "new_owner_unfit"),
        (404, "member_not_found"),
        (404, "member_not_found"),
    ]
    assert mel.post(path, {"member_id": mel.member_id})[0] == 403


def test_a_deleted_assistant_comes_back_with_its_slug_versions_and_keys(
    gateway: RunningGateway, ada: Person
) -> None:
    mine = knowing(ada)
    done(ada.post(f"/v1/assistants/{mine}/publish", {"note": "First."}))
    key = gateway.with_key(ada, "chat", assistant_id=mine)
    done(ada.delete(f"/v1/assistants/{mine}"))
    while_gone = key.get(f"/a/{mine}/v1/models")[0]
    back = done(ada.post(f"/v1/assistants/{mine}/restore"))
    again = done(ada.post(f"/v1/assistants/{mine}/restore"))
    versions = done(ada.get(f"/v1/assistants/{back['slug']}/versions"))["data"]

    assert (back["slug"], back["published_version"], again) == ("atlas", 1, back)
    assert [version["note"] for version in versions] == ["First."]
    assert while_gone != 200
    assert key.get(f"/a/{mine}/v1/models")[0] == 200


def test_a_slug_that_was_taken_meanwhile_stays_with_its_new_holder(
    ada: Person, bob: Person
) -> None:
    mine = knowing(ada)
    done(ada.delete(f"/v1/assistants/{mine}"))
    done(bob.post("/v1/assistants", {"name": "Atlas", "slug": "atlas"}))

    assert done(ada.post(f"/v1/assistants/{mine}/restore"))["slug"] == mine


def test_after_thirty_days_a_deleted_assistant_stays_deleted(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    mine = knowing(ada)
    done(ada.delete(f"/v1/assistants/{mine}"))
    by_bob = bob.post(f"/v1/assistants/{mine}/restore")
    long_ago = "UPDATE assistants SET deleted_at = now() - interval '30 days' WHERE id = :id"
    asyncio.run(changed(gateway.database_url, long_ago, id=mine))

    assert by_bob[0] == 404
    assert ada.post(f"/v1/assistants/{mine}/restore")[0] == 404
