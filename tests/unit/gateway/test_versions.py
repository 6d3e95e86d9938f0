"""Versions: listed with notes, compared with one another and the draft, restored and undone."""

from typing import Any

import pytest

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import carry, collection_of, document_of, version_sent


@pytest.fixture
def path(assistant_of_ada: str) -> str:
    return f"/v1/assistants/{assistant_of_ada}"


def done(answer: tuple[int, Any]) -> Any:
    status, body = answer
    assert status == 200, body
    return body


def knowing(collection_id: str) -> dict[str, Any]:
    return {"tool_resources": {"file_search": {"vector_store_ids": [collection_id]}}}


def names_of(collection: dict[str, Any]) -> list[str]:
    return [file["filename"] for file in collection["files"]]


def test_a_version_says_who_made_it_and_what_is_new(ada: Person, path: str) -> None:
    done(ada.post(f"{path}/publish", {"note": "First of all."}))
    done(ada.post(f"{path}/publish"))
    noted = done(ada.patch(f"{path}/versions/2", {"note": "Said later. 后来写的"}))
    versions = done(ada.get(f"{path}/versions"))["data"]

    assert [version["note"] for version in versions] == ["Said later. 后来写的", "First of all."]
    assert {version["created_by"] for version in versions} == {ada.member_id}
    assert noted["created_by_name"] == "Ada"


def test_a_note_is_bounded_and_only_builders_write_one(
    gateway: RunningGateway, ada: Person, path: str
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    done(ada.post(f"{path}/publish"))

    assert ada.post(f"{path}/publish", {"note": "x" * 501})[0] == 400
    assert ada.patch(f"{path}/versions/1", {"note": "x" * 501})[0] == 400
    assert mel.patch(f"{path}/versions/1", {"note": "Mine"})[0] == 403
    assert mel.get(f"{path}/versions/1")[0] == 200


@pytest.mark.parametrize("number", ["2", "0", "none", "99999999999999999999", "१"])
def test_a_version_that_is_not_there_is_not_found(ada: Person, path: str, number: str) -> None:
    done(ada.post(f"{path}/publish"))
    answers = [
        ada.get(f"{path}/versions/{number}"),
        ada.patch(f"{path}/versions/{number}", {"note": ""}),
        ada.post(f"{path}/versions/{number}/restore"),
        ada.get(f"{path}/versions/compare", **{"from": number[:20]}),
    ]

    assert {(status, body["code"]) for status, body in answers} == {(404, "version_not_found")}


def test_a_version_keeps_its_definition_and_files_whatever_becomes_of_the_draft(
    gateway: RunningGateway, ada: Person
) -> None:
    collection = collection_of(ada)
    document_of(ada, collection, "old.txt")
    carry(gateway, version_sent(gateway))
    made = done(ada.post("/v1/assistants", {"name": "Atlas", **knowing(collection)}))
    path = f"/v1/assistants/{made['id']}"
    done(ada.post(f"{path}/publish"))
    before = done(ada.get(f"{path}/versions/1"))
    changes = {"name": "Zeus", "instructions": "Thunder.", "starters": ["Why?"], "tools": []}
    done(ada.patch(path, changes))
    document_of(ada, collection, "new.txt")
    carry(gateway, version_sent(gateway, 2))
    after = done(ada.get(f"{path}/versions/1"))

    assert after == before
    assert names_of(after["collections"][0]) == ["old.txt"]
    assert after["definition"]["name"] == "Atlas"
    done(ada.post(f"{path}/publish"))
    assert done(ada.get(f"{path}/versions/2"))["collections"] == []


def test_a_file_read_again_is_told_by_its_reading(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection)
    carry(gateway, version_sent(gateway))
    made = done(ada.post("/v1/assistants", {"name": "Atlas", **knowing(collection)}))
    path = f"/v1/assistants/{made['id']}"
    done(ada.post(f"{path}/publish"))
    done(ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file_id}))
    carry(gateway, version_sent(gateway, 2), "It says something else now.")
    frozen = done(ada.get(f"{path}/versions/1"))["collections"][0]
    compared = done(ada.get(f"{path}/versions/compare"))

    assert [file["document_version"] for file in frozen["files"]] == [1]
    assert [change["kind"] for change in compared["files"]] == ["reread"]


def test_a_deleted_file_is_counted_and_not_named(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    file_id = document_of(ada, collection, "secret.txt")
    carry(gateway, version_sent(gateway))
    made = done(ada.post("/v1/assistants", {"name": "Atlas", **knowing(collection)}))
    path = f"/v1/assistants/{made['id']}"
    done(ada.post(f"{path}/publish"))
    ada.delete(f"/v1/files/{file_id}")
    frozen = done(ada.get(f"{path}/versions/1"))["collections"][0]

    assert (frozen["files"], frozen["file_count"], frozen["deleted_count"]) == ([], 0, 1)


def test_files_of_a_collection_that_one_may_not_list_are_not_told(
    gateway: RunningGateway, ada: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    collection = collection_of(ada)
    document_of(ada, collection)
    carry(gateway, version_sent(gateway))
    made = done(ada.post("/v1/assistants", {"name": "Atlas", **knowing(collection)}))
    path = f"/v1/assistants/{made['id']}"
    done(ada.post(f"{path}/publish"))
    done(ada.put(f"/v1/vector_stores/{collection}/sharing", {"visibility": "private"}))
    seen = done(mel.get(f"{path}/versions/1"))["collections"]
    compared = done(mel.get(f"{path}/versions/compare", **{"to": "1"}))

    assert [(found["name"], found["files"], found["file_count"]) for found in seen] == [
        (None, [], 0)
    ]
    assert (compared["files"], compared["hidden_collections"]) == ([], 1)


def test_a_comparison_tells_lines_settings_and_files(gateway: RunningGateway, ada: Person) -> None:
    collection = collection_of(ada)
    made = done(
        ada.post(
            "/v1/assistants",
            {"name": "Atlas", "instructions": "Be kind.\nBe long.", **knowing(collection)},
        )
    )
    path = f"/v1/assistants/{made['id']}"
    done(ada.post(f"{path}/publish"))
    done(ada.patch(path, {"instructions": "Be kind.\nBe brief.", "temperature": 0.5}))
    document_of(ada, collection, "new.txt")
    carry(gateway, version_sent(gateway))
    told = done(ada.get(f"{path}/versions/compare", **{"from": "1", "to": "draft"}))
    back = done(ada.get(f"{path}/versions/compare", **{"from": "draft", "to": "1"}))

    assert [(hunk["kind"], hunk["text"]) for hunk in told["instructions"]] == [
        ("same", "Be kind."),
        ("removed", "Be long."),
        ("added", "Be brief."),
    ]
    assert told["settings"] == [{"name": "temperature", "before": None, "after": 0.5}]
    assert [(file["kind"], file["filename"]) for file in told["files"]] == [("added", "new.txt")]
    assert [(file["kind"], file["filename"]) for file in back["files"]] == [("removed", "new.txt")]


def test_two_that_are_the_same_differ_in_nothing(ada: Person, path: str) -> None:
    told = done(ada.get(f"{path}/versions/compare"))

    assert (told["before"], told["after"]) == ("draft", "draft")
    assert (told["instructions"], told["settings"], told["files"]) == ([], [], [])


def test_a_restored_version_is_the_draft_and_can_be_undone(ada: Person, path: str) -> None:
    done(ada.post(f"{path}/publish"))
    done(ada.patch(path, {"name": "Zeus", "instructions": "Thunder."}))
    restored = done(ada.post(f"{path}/versions/1/restore"))["assistant"]
    again = done(ada.post(f"{path}/versions/1/restore"))["assistant"]
    undone = done(ada.post(f"{path}/versions/restore/undo"))
    nothing = ada.post(f"{path}/versions/restore/undo")

    assert (restored["name"], restored["can_undo_restore"]) == ("Atlas", True)
    assert restored["has_unpublished_changes"] is False
    assert again == restored
    assert (undone["name"], undone["instructions"]) == ("Zeus", "Thunder.")
    assert (nothing[0], nothing[1]["code"]) == (409, "nothing_to_undo")


def test_after_another_change_a_restore_is_not_undone(ada: Person, path: str) -> None:
    done(ada.post(f"{path}/publish"))
    done(ada.patch(path, {"name": "Zeus"}))
    done(ada.post(f"{path}/versions/1/restore"))
    changed = done(ada.patch(path, {"description": "Changed since."}))
    status, problem = ada.post(f"{path}/versions/restore/undo")

    assert changed["can_undo_restore"] is False
    assert (status, problem["code"]) == (409, "nothing_to_undo")
    assert done(ada.get(path))["name"] == "Atlas"


def test_what_an_editor_may_not_give_stays_out_of_a_restored_draft(
    gateway: RunningGateway, ada: Person
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    collection, gone = collection_of(ada), collection_of(ada)
    resources = {"file_search": {"vector_store_ids": [collection, gone]}}
    made = done(ada.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources}))
    path = f"/v1/assistants/{made['id']}"
    done(ada.post(f"{path}/publish"))
    nothing: dict[str, Any] = {"tool_resources": {"file_search": {"vector_store_ids": []}}}
    done(ada.patch(path, nothing))
    done(ada.put(f"/v1/vector_stores/{collection}/sharing", {"visibility": "private"}))
    ada.delete(f"/v1/vector_stores/{gone}")
    editor = {"visibility": "workspace", "members": [{"id": mel.member_id, "powers": ["edit"]}]}
    done(ada.put(f"{path}/sharing", editor))
    by_mel = done(mel.post(f"{path}/versions/1/restore"))
    by_ada = done(ada.post(f"{path}/versions/1/restore"))

    assert by_mel["left_out"] == [collection, gone]
    assert by_ada["left_out"] == [gone]
    known = by_ada["assistant"]["tool_resources"]["file_search"]["vector_store_ids"]
    assert known == [collection]
