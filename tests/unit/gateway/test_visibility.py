"""Who may see and ask an assistant: private, the workspace's, public. Both sides of each."""

from typing import Any

import pytest

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import carry, collection_of, document_of, version_sent


@pytest.fixture
def bea(gateway: RunningGateway, ada: Person) -> Person:
    """A member of Ada's workspace."""
    return gateway.enrol("Bea", power=Power.MEMBER, beside=ada)


@pytest.fixture
def atlas(gateway: RunningGateway, ada: Person) -> dict[str, Any]:
    """Ada's assistant with a document, published, its draft changed since."""
    collection_id = collection_of(ada)
    document_of(ada, collection_id)
    passages = carry(gateway, version_sent(gateway))
    _, made = ada.post(
        "/v1/assistants",
        {
            "name": "Atlas",
            "instructions": "Secret ways.",
            "description": "Knows the map",
            "starters": ["Where?"],
            "tool_resources": {"file_search": {"vector_store_ids": [collection_id]}},
        },
    )
    ada.post(f"/v1/assistants/{made['id']}/publish")
    ada.patch(f"/v1/assistants/{made['id']}", {"name": "Draft name"})
    found: dict[str, Any] = made | {"collection_id": collection_id, "passage_id": passages[0]}
    return found


def shared(ada: Person, assistant: dict[str, Any], visibility: str) -> None:
    path = f"/v1/assistants/{assistant['id']}/sharing"
    status, body = ada.put(path, {"visibility": visibility, "members": [], "groups": []})
    assert (status, body["visibility"]) == (200, visibility)


def models_of(person: Person) -> list[str]:
    return [model["id"] for model in person.get("/v1/models")[1]["data"]]


def begins(person: Person, assistant: dict[str, Any], **more: Any) -> tuple[int, Any]:
    return person.post("/v1/conversations", {"assistant_id": assistant["id"], **more})


def test_an_assistant_is_the_workspaces_unless_said_otherwise(
    bea: Person, bob: Person, atlas: dict[str, Any]
) -> None:
    path = f"/v1/assistants/{atlas['slug']}"

    assert bea.get(path)[1]["visibility"] == "workspace"
    assert models_of(bea) == [atlas["slug"]]
    assert (bob.get(path)[0], models_of(bob)) == (404, [])


def test_a_private_assistant_is_its_owners_and_those_who_run_the_workspace(
    gateway: RunningGateway, ada: Person, bea: Person
) -> None:
    _, hers = bea.post("/v1/assistants", {"name": "Hers"})
    bea.post(f"/v1/assistants/{hers['id']}/publish")
    cleo = gateway.enrol("Cleo", power=Power.MEMBER, beside=ada)
    key = gateway.with_key(cleo, "chat", "read", assistant_id=hers["id"])
    before = (cleo.get(f"/v1/assistants/{hers['id']}")[0], key.get("/v1/models")[1]["data"] != [])
    shared(bea, hers, "private")
    seen = [person.get(f"/v1/assistants/{hers['id']}")[0] for person in (bea, ada, cleo)]
    listed = [len(person.get("/v1/assistants")[1]["data"]) for person in (bea, ada, cleo)]

    assert before == (200, True)
    assert (seen, listed) == ([200, 200, 404], [1, 1, 0])
    assert begins(cleo, hers)[1]["code"] == "assistant_not_found"
    assert cleo.get(f"/a/{hers['slug']}/v1/models")[0] == 404
    assert key.get("/v1/models")[1]["data"] == []
    assert key.get(f"/a/{hers['slug']}/v1/files")[0] == 404


def test_a_public_assistant_may_be_found_and_asked_by_strangers(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: dict[str, Any]
) -> None:
    shared(ada, atlas, "public")
    status, conversation = begins(bob, atlas)
    _, own = bob.get(f"/a/{atlas['slug']}/v1/models/default")
    key = gateway.with_key(bob, "chat")

    assert (status, conversation["assistant_name"]) == (201, "Atlas")
    assert conversation["opens_sources"] is False
    assert (models_of(bob), models_of(key)) == ([atlas["slug"]], [atlas["slug"]])
    assert (own["name"], own["description"], own["starters"]) == (
        "Atlas",
        "Knows the map",
        ["Where?"],
    )
    assert begins(ada, atlas)[1]["opens_sources"] is True


def test_strangers_get_nothing_else_of_a_public_assistant(
    ada: Person, bob: Person, atlas: dict[str, Any]
) -> None:
    shared(ada, atlas, "public")
    path, own = f"/v1/assistants/{atlas['id']}", f"/a/{atlas['slug']}/v1"
    store = f"/v1/vector_stores/{atlas['collection_id']}"
    file_id = ada.get(f"{store}/files")[1]["data"][0]["id"]
    refused = [
        bob.get(path),
        bob.get(f"{path}/versions"),
        bob.patch(path, {"name": "Mine"}),
        bob.post(f"{path}/publish"),
        bob.put(f"{path}/sharing", {"visibility": "private"}),
        bob.delete(path),
        bob.get(store),
        bob.get(f"{store}/files"),
        bob.get(f"{store}/files/{file_id}/passages"),
        bob.get(f"/v1/passages/{atlas['passage_id']}"),
        bob.get(f"/v1/files/{file_id}"),
        bob.get(f"/v1/files/{file_id}/content"),
        bob.get(f"{own}/files"),
        bob.get(f"{own}/files/{file_id}"),
        bob.delete(f"{own}/files/{file_id}"),
        begins(bob, atlas, draft=True),
        bob.get("/v1/keys", assistant_id=atlas["id"]),
        bob.post("/v1/assistants", {"name": "x", "tool_resources": _reading(atlas)}),
    ]
    shown = [bob.get("/v1/models"), bob.get(f"{own}/models"), begins(bob, atlas)]

    assert {status for status, _ in refused} == {404}
    assert all(word not in str(shown) for word in ("Secret ways", "Draft name", file_id))
    assert bob.get("/v1/assistants")[1]["data"] == []


def test_taking_it_back_holds_at_the_next_request(
    ada: Person, bob: Person, atlas: dict[str, Any]
) -> None:
    shared(ada, atlas, "public")
    _, conversation = begins(bob, atlas)
    shared(ada, atlas, "workspace")
    turn = bob.post(f"/v1/conversations/{conversation['id']}/turns", {"text": "Where?"})

    assert (turn[0], turn[1]["code"]) == (404, "assistant_not_found")
    assert models_of(bob) == []


def test_a_public_assistant_that_is_not_published_is_nobodys_to_ask(
    ada: Person, bob: Person, assistant_of_ada: str
) -> None:
    shared(ada, {"id": assistant_of_ada}, "public")

    assert bob.get(f"/a/{assistant_of_ada}/v1/models")[1]["code"] == "assistant_not_found"
    assert ada.get(f"/a/{assistant_of_ada}/v1/models")[1]["code"] == "assistant_not_published"
    assert models_of(bob) == []


def test_only_builders_say_who_may_ask(
    gateway: RunningGateway, ada: Person, bea: Person, assistant_of_ada: str
) -> None:
    path, wanted = f"/v1/assistants/{assistant_of_ada}/sharing", {"visibility": "public"}
    reader = gateway.with_key(ada, "chat", "read", "ingest")

    assert bea.put(path, wanted)[1]["code"] == "not_the_builder"
    assert reader.put(path, wanted)[1]["code"] == "scope_missing"


def test_what_cannot_be_shared_is_refused_by_name(ada: Person, assistant_of_ada: str) -> None:
    path = f"/v1/assistants/{assistant_of_ada}/sharing"
    wrong: dict[str, dict[str, Any]] = {
        "invalid_request members.0": {"visibility": "private", "members": ["mem_1"]},
        "invalid_request groups.0.powers.0": {
            "visibility": "private",
            "groups": [{"id": "grp_1", "powers": ["download"]}],
        },
        "invalid_request visibility": {"visibility": "everybody"},
        "invalid_request owner_id": {"visibility": "public", "owner_id": "mem_1"},
    }
    answers = {name: ada.put(path, sharing) for name, sharing in wrong.items()}

    assert {status for status, _ in answers.values()} == {400}
    for name, (_, problem) in answers.items():
        assert f"{problem['code']} {problem['param']}" == name
    assert ada.get(f"/v1/assistants/{assistant_of_ada}")[1]["visibility"] == "workspace"


def _reading(assistant: dict[str, Any]) -> dict[str, Any]:
    return {"file_search": {"vector_store_ids": [assistant["collection_id"]]}}
