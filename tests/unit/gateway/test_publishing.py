"""Drafts, versions, and what is frozen with them."""

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import carry, collection_of, document_of, version_sent


def test_each_publish_makes_the_next_version(ada: Person, assistant_of_ada: str) -> None:
    _, first = ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    _, second = ada.post(f"/v1/assistants/{assistant_of_ada}/publish")

    assert (first["published_version"], second["published_version"]) == (1, 2)


def test_a_foreign_assistant_cannot_be_published(bob: Person, assistant_of_ada: str) -> None:
    status, problem = bob.post(f"/v1/assistants/{assistant_of_ada}/publish")

    assert (status, problem["code"]) == (404, "assistant_not_found")


def test_a_published_version_keeps_what_the_draft_was(ada: Person, assistant_of_ada: str) -> None:
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    _, changed = ada.patch(f"/v1/assistants/{assistant_of_ada}", {"instructions": "Be brief."})
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    _, versions = ada.get(f"/v1/assistants/{assistant_of_ada}/versions")

    assert changed["has_unpublished_changes"] is True
    assert [version["instructions"] for version in versions["data"]] == ["Be brief.", ""]


def test_publishing_freezes_the_epoch_of_each_collection(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    document_of(ada, collection)
    carry(gateway, version_sent(gateway))
    tools = {"file_search": {"vector_store_ids": [collection]}}
    _, assistant = ada.post("/v1/assistants", {"name": "Atlas", "tool_resources": tools})
    _, published = ada.post(f"/v1/assistants/{assistant['id']}/publish")
    document_of(ada, collection, "more.txt")
    carry(gateway, version_sent(gateway, 2))
    _, later = ada.get(f"/v1/assistants/{assistant['id']}")
    _, versions = ada.get(f"/v1/assistants/{assistant['id']}/versions")

    assert versions["data"][0]["epochs"] == {collection: 1}
    assert published["has_unpublished_changes"] is False
    assert later["has_unpublished_changes"] is True


def test_absent_fields_stay_and_null_empties_the_model(ada: Person) -> None:
    _, made = ada.post("/v1/assistants", {"name": "Atlas", "model": "small", "temperature": 0.5})
    _, changed = ada.post(f"/v1/assistants/{made['id']}", {"model": None, "starters": ["Hello?"]})

    assert (changed["name"], changed["temperature"]) == ("Atlas", 0.5)
    assert (changed["model"], changed["starters"]) == (None, ["Hello?"])


def test_a_collection_of_another_workspace_cannot_be_read(ada: Person, bob: Person) -> None:
    tools = {"file_search": {"vector_store_ids": [collection_of(bob)]}}
    status, problem = ada.post("/v1/assistants", {"name": "Spy", "tool_resources": tools})

    assert (status, problem["code"]) == (404, "vector_store_not_found")


def test_slugs_come_from_names_and_are_unique(ada: Person) -> None:
    slugs = [
        ada.post("/v1/assistants", {"name": name})[1]["slug"]
        for name in ("House Rules!", "House rules", "读书会助手")
    ]

    assert slugs[0] == "house-rules"
    assert slugs[1].startswith("house-rules-")
    assert slugs[2].startswith("assistant-")


def test_a_taken_slug_is_refused_and_free_again_after_a_delete(ada: Person, bob: Person) -> None:
    _, made = ada.post("/v1/assistants", {"name": "Atlas", "slug": "atlas"})
    status, problem = bob.post("/v1/assistants", {"name": "Atlas", "slug": "atlas"})
    ada.delete(f"/v1/assistants/{made['id']}")
    again, _ = bob.post("/v1/assistants", {"name": "Atlas", "slug": "atlas"})

    assert (status, problem["code"]) == (409, "slug_taken")
    assert again == 200


def test_a_deleted_assistant_is_gone(ada: Person, assistant_of_ada: str) -> None:
    _, deleted = ada.delete(f"/v1/assistants/{assistant_of_ada}")

    assert deleted == {"id": assistant_of_ada, "object": "assistant.deleted", "deleted": True}
    assert ada.get(f"/v1/assistants/{assistant_of_ada}")[0] == 404
    assert ada.get("/v1/assistants")[1]["data"] == []


def test_an_assistant_is_found_by_slug(ada: Person, assistant_of_ada: str) -> None:
    assert ada.get("/v1/assistants/atlas")[1]["id"] == assistant_of_ada


def test_colleagues_see_an_assistant_but_only_its_builders_change_it(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    gus = gateway.enrol("Gus", power=Power.GUEST, beside=ada)
    status, problem = mel.patch(f"/v1/assistants/{assistant_of_ada}", {"name": "Mine"})

    assert mel.get(f"/v1/assistants/{assistant_of_ada}")[0] == 200
    assert (status, problem["code"]) == (403, "not_the_builder")
    assert gus.post("/v1/assistants", {"name": "Gus"})[0] == 403


def test_lists_are_paged_by_cursor(ada: Person) -> None:
    made = [ada.post("/v1/assistants", {"name": f"A{n}"})[1]["id"] for n in range(5)]
    _, first = ada.get("/v1/assistants", limit=2, order="asc")
    _, second = ada.get("/v1/assistants", limit=2, order="asc", after=first["last_id"])
    _, back = ada.get("/v1/assistants", limit=2, order="asc", before=second["first_id"])
    _, last = ada.get("/v1/assistants", limit=2, order="asc", after=second["last_id"])

    wanted = sorted(made)
    assert [item["id"] for item in first["data"]] == wanted[:2]
    assert [item["id"] for item in second["data"]] == wanted[2:4]
    assert back["data"] == first["data"]
    assert (second["has_more"], last["has_more"]) == (True, False)


def test_nul_characters_are_refused_in_words(ada: Person) -> None:
    status, problem = ada.post("/v1/assistants", {"name": "At\u0000las"})

    assert (status, problem["code"]) == (400, "characters_not_storable")
