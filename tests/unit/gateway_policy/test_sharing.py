"""Sharing with members and groups: use apart from edit apart from download, and taken back."""

import asyncio
from typing import Any

import pytest

from tests.support.gateway import Person, RunningGateway, found
from tests.unit.gateway.working import carry, collection_of, document_of


@pytest.fixture
def library(gateway: RunningGateway, ada: Person) -> dict[str, str]:
    """A private collection of Ada's with a read document, and a private assistant on it."""
    collection_id = collection_of(ada)
    file_id = document_of(ada, collection_id)
    passages = carry(gateway, newest_version(gateway, file_id))
    ada.put(f"/v1/vector_stores/{collection_id}/sharing", {"visibility": "private"})
    made = assistant_on(ada, collection_id)
    ada.put(f"/v1/assistants/{made}/sharing", {"visibility": "private"})
    return {
        "assistant": made,
        "store": collection_id,
        "file": file_id,
        "passage": passages[0],
    }


def newest_version(gateway: RunningGateway, file_id: str) -> str:
    """The version of the file that was sent to be read."""
    query = "SELECT id FROM document_versions WHERE file_id = :file_id"
    ((version_id,),) = asyncio.run(found(gateway.database_url, query, file_id=file_id))
    return str(version_id)


def assistant_on(person: Person, collection_id: str, status: int = 200) -> str:
    resources = {"file_search": {"vector_store_ids": [collection_id]}}
    answered, made = person.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources})
    assert answered == status, made
    if status != 200:
        return str(made["code"])
    person.post(f"/v1/assistants/{made['id']}/publish")
    return str(made["id"])


def share(person: Person, path: str, visibility: str = "private", **grantees: Any) -> None:
    status, body = person.put(f"/v1/{path}/sharing", {"visibility": visibility, **grantees})
    assert status == 200, body


def to(person: Person, *powers: str) -> list[dict[str, Any]]:
    return [{"id": person.member_id, "powers": list(powers)}]


def asks(person: Person, assistant_id: str) -> int:
    return person.post("/v1/conversations", {"assistant_id": assistant_id})[0]


def reads(person: Person, library: dict[str, str]) -> dict[str, int]:
    """What somebody gets of the collection, each way that there is."""
    store, file = f"/v1/vector_stores/{library['store']}", library["file"]
    ways = {
        "see": store,
        "list": f"{store}/files",
        "status": f"{store}/files/{file}",
        "text": f"{store}/files/{file}/content",
        "passages": f"{store}/files/{file}/passages",
        "passage": f"/v1/passages/{library['passage']}",
        "file": f"/v1/files/{file}",
        "bytes": f"/v1/files/{file}/content",
    }
    answers = {
        name: person.http.get(path, headers=person.headers()).status_code
        for name, path in ways.items()
    }
    return answers | {"search": person.post(f"{store}/search", {"query": "Where?"})[0]}


def test_a_private_collection_is_nobodys_else(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    assert set(reads(bea, library).values()) == {404}
    assert bea.get("/v1/vector_stores")[1]["data"] == []
    assert bea.get("/v1/files")[1]["data"] == []
    assert ada.get(f"/v1/vector_stores/{library['store']}")[1]["visibility"] == "private"


def test_who_may_use_a_collection_lets_assistants_read_it_and_reads_nothing(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    share(ada, f"vector_stores/{library['store']}", members=to(bea, "use"))
    answers = reads(bea, library)

    assert answers.pop("see") == 200
    assert (answers.pop("passage"), answers.pop("file"), answers.pop("bytes")) == (404, 404, 404)
    assert set(answers.values()) == {403}
    assert assistant_on(bea, library["store"]).startswith("ast_")
    assert bea.post(f"/v1/vector_stores/{library['store']}", {"name": "Mine"})[0] == 403


def test_who_may_download_reads_and_may_not_use(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    share(ada, f"vector_stores/{library['store']}", members=to(bea, "download"))
    answers = reads(bea, library)

    # Nobody serves the index here: the search was let in, and failed.
    assert answers.pop("search") == 503
    assert set(answers.values()) == {200}
    assert assistant_on(bea, library["store"], status=403) == "not_the_reader"


def test_an_editor_puts_in_and_takes_out_and_reads_no_text(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    store = f"vector_stores/{library['store']}"
    share(ada, store, members=to(bea, "edit"))
    answers = reads(bea, library)
    mine = document_of(bea, library["store"], "mine.txt")

    assert (answers["list"], answers["status"], answers["text"], answers["search"]) == (
        200,
        200,
        403,
        403,
    )
    assert bea.delete(f"/v1/{store}/files/{mine}")[0] == 200
    assert bea.delete(f"/v1/{store}")[0] == 403
    assert bea.put(f"/v1/{store}/sharing", {"visibility": "workspace"})[0] == 403
    assert bea.delete(f"/v1/files/{library['file']}")[0] == 404


def test_a_shared_assistant_is_asked_and_its_files_stay_hidden(
    ada: Person, bea: Person, cleo: Person, library: dict[str, str]
) -> None:
    share(ada, f"assistants/{library['assistant']}", members=to(bea, "use"))
    path, own = f"/v1/assistants/{library['assistant']}", f"/a/{library['assistant']}/v1"

    _, talk = bea.post("/v1/conversations", {"assistant_id": library["assistant"]})

    assert (asks(bea, library["assistant"]), asks(cleo, library["assistant"])) == (201, 404)
    assert talk["opens_sources"] is False
    assert bea.get(f"/v1/conversations/{talk['id']}")[1]["opens_sources"] is False
    assert (bea.get(path)[0], bea.patch(path, {"name": "Mine"})[0], cleo.get(path)[0]) == (
        200,
        403,
        404,
    )
    assert set(reads(bea, library).values()) == {404}
    assert bea.get(f"{own}/files")[1]["data"] == []
    assert bea.get(f"{own}/files/{library['file']}")[0] == 404


def test_an_editor_changes_and_publishes_but_does_not_share_or_delete(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    share(ada, f"assistants/{library['assistant']}", members=to(bea, "edit"))
    path = f"/v1/assistants/{library['assistant']}"
    draft = {"assistant_id": library["assistant"], "draft": True}

    assert bea.patch(path, {"instructions": "Be kind."})[0] == 200
    assert bea.post(f"{path}/publish")[1]["published_version"] == 2
    assert (bea.post("/v1/conversations", draft)[0], asks(bea, library["assistant"])) == (201, 201)
    assert (bea.put(f"{path}/sharing", {"visibility": "public"})[0], bea.delete(path)[0]) == (
        403,
        403,
    )
    assert bea.get(f"{path}/sharing")[0] == 403


def test_groups_carry_grants_to_their_members(
    ada: Person, bea: Person, cleo: Person, library: dict[str, str]
) -> None:
    _, group = ada.post("/v1/groups", {"name": "Readers", "members": [bea.member_id]})
    granted = [{"id": group["id"], "powers": ["use"]}]
    share(ada, f"assistants/{library['assistant']}", groups=granted)
    before = (asks(bea, library["assistant"]), asks(cleo, library["assistant"]))
    ada.put(f"/v1/groups/{group['id']}/members/{cleo.member_id}", {})
    ada.delete(f"/v1/groups/{group['id']}/members/{bea.member_id}")
    after = (asks(bea, library["assistant"]), asks(cleo, library["assistant"]))
    ada.delete(f"/v1/groups/{group['id']}")

    assert (before, after) == ((201, 404), (404, 201))
    assert asks(cleo, library["assistant"]) == 404


def test_guests_get_what_is_granted_to_them_and_nothing_else(
    ada: Person, gus: Person, library: dict[str, str]
) -> None:
    open_store = collection_of(ada, "Open")
    share(ada, f"assistants/{library['assistant']}", "workspace")
    before = (asks(gus, library["assistant"]), gus.get(f"/v1/vector_stores/{open_store}")[0])
    share(ada, f"assistants/{library['assistant']}", members=to(gus, "use", "edit"))
    share(ada, f"vector_stores/{library['store']}", members=to(gus, "download"))
    path = f"/v1/assistants/{library['assistant']}"
    models = [each["assistant_id"] for each in gus.get("/v1/models")[1]["data"]]

    assert before == (404, 404)
    assert (asks(gus, library["assistant"]), models) == (201, [library["assistant"]])
    # An editor's grant makes no builder of a guest: of the assistant they get answers.
    assert (gus.get(path)[0], gus.patch(path, {"name": "x"})[0]) == (404, 404)
    assert reads(gus, library)["bytes"] == 200
    assert (gus.post("/v1/vector_stores", {})[0], gus.upload("a.txt", b"a")[0]) == (403, 403)
    assert (gus.get("/v1/members")[0], gus.get("/v1/groups")[0]) == (403, 403)


def test_what_is_shared_is_shown_to_those_who_share_it(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    _, group = ada.post("/v1/groups", {"name": "Readers"})
    granted = [{"id": group["id"], "powers": ["download", "use"]}]
    path = f"vector_stores/{library['store']}"
    share(ada, path, members=to(bea, "edit"), groups=granted)
    share(ada, path, "workspace")  # lists that are left out stay
    _, sharing = ada.get(f"/v1/{path}/sharing")
    bea_name = bea.get("/v1/me")[1]["name"]

    assert sharing == {
        "object": "sharing",
        "visibility": "workspace",
        "members": [{"id": bea.member_id, "name": bea_name, "powers": ["edit"]}],
        "groups": [{"id": group["id"], "name": "Readers", "powers": ["download", "use"]}],
    }
    share(ada, path, members=[], groups=[])
    assert ada.get(f"/v1/{path}/sharing")[1]["members"] == []


def test_nothing_is_shared_with_strangers(
    ada: Person, bob: Person, library: dict[str, str]
) -> None:
    _, theirs = bob.post("/v1/groups", {"name": "Theirs"})
    for path in (f"assistants/{library['assistant']}", f"vector_stores/{library['store']}"):
        wrong = [
            ({"members": to(bob, "use")}, "member_not_found", "members"),
            ({"members": [{"id": "mem_none", "powers": ["use"]}]}, "member_not_found", "members"),
            ({"groups": [{"id": theirs["id"], "powers": ["use"]}]}, "group_not_found", "groups"),
            ({"members": to(bob, "own")}, "invalid_request", "members.0.powers.0"),
        ]
        for grantees, code, param in wrong:
            body = {"visibility": "private", **grantees}
            _, problem = ada.put(f"/v1/{path}/sharing", body)

            assert (problem["code"], problem["param"]) == (code, param)


def test_a_collection_that_is_taken_back_is_read_by_no_published_version(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    store = f"vector_stores/{library['store']}"
    share(ada, store, members=to(bea, "use"))
    hers = assistant_on(bea, library["store"])
    share(ada, store, members=[])
    _, problem = bea.post(f"/v1/assistants/{hers}/publish")

    assert problem["code"] == "vector_store_not_found"
    assert problem["param"] == "tool_resources.file_search.vector_store_ids"


def test_an_editor_brings_no_collection_that_is_not_theirs_to_use(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    other = assistant_on(ada, collection_of(ada, "Open"))
    share(ada, f"assistants/{other}", members=to(bea, "edit"))
    path = f"/v1/assistants/{other}"
    naming = {"file_search": {"vector_store_ids": [library["store"]]}}
    answers = [
        bea.patch(path, {"tool_resources": naming}),
        # Also not in two steps, with the tool switched off in between.
        bea.patch(path, {"tools": [], "tool_resources": naming}),
    ]

    assert {(status, body["code"]) for status, body in answers} == {(404, "vector_store_not_found")}
    assert ada.get(path)[1]["tools"] != []


def test_an_assistant_is_given_nothing_that_its_owner_may_not_use(
    ada: Person, bea: Person, library: dict[str, str]
) -> None:
    hers = assistant_on(bea, collection_of(bea, "Hers"))
    naming = {"file_search": {"vector_store_ids": [library["store"]]}}
    status, problem = ada.patch(f"/v1/assistants/{hers}", {"tool_resources": naming})

    assert (status, problem["code"]) == (404, "vector_store_not_found")
    assert "owner" in problem["message"]
