"""Bundles: what comes out goes in again, and what nobody exported stays out without a trace."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.accounts import Power
from gateway.settings import KnowledgeLimits
from tests.support.bundles import DEFINITION, FILE, FILES, bundle, listed, right, unzipped, zipped
from tests.support.gateway import Person, RunningGateway, found, gateway_settings, running_gateway
from tests.unit.gateway.working import carry, collection_of, document_of, version_sent

TEXTS = [right("definition.json"), right("files.json")]
ALL = [*TEXTS, right("files/00001.txt")]


@pytest.fixture
def gateway(database_url: str, tmp_path: Path) -> Iterator[RunningGateway]:
    """One that takes little: files of 1,000 bytes, bundles of 1,500."""
    knowledge = KnowledgeLimits(file_bytes=1_000, bundle_bytes=1_500)
    settings = gateway_settings(database_url, tmp_path, knowledge=knowledge)
    with running_gateway(database_url, tmp_path, settings=settings) as running:
        yield running


def done(answer: tuple[int, Any]) -> Any:
    status, body = answer
    assert status == 200, body
    return body


def sent(gateway: RunningGateway, person: Person, content: bytes) -> tuple[int, Any]:
    answer = gateway.http.post(
        "/v1/assistants/import",
        headers=person.headers(),
        files={"file": ("atlas.stoa.zip", content, "application/zip")},
    )
    return answer.status_code, answer.json()["error"] if answer.is_error else answer.json()


def exported(gateway: RunningGateway, person: Person, path: str, **query: str) -> dict[str, bytes]:
    answer = gateway.http.get(f"{path}/bundle", headers=person.headers(), params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment;")
    return unzipped(answer.content)


def knowing(gateway: RunningGateway, person: Person) -> tuple[str, str]:
    """A published assistant that reads one file: its path, and its collection."""
    collection = collection_of(person)
    document_of(person, collection)
    carry(gateway, version_sent(gateway))
    resources = {"file_search": {"vector_store_ids": [collection]}}
    made = done(person.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources}))
    done(person.post(f"/v1/assistants/{made['id']}/publish", {"note": "First."}))
    return f"/v1/assistants/{made['id']}", collection


def traces(gateway: RunningGateway) -> dict[str, int]:
    """What is in the store of each kind."""
    counted = {
        name: asyncio.run(found(gateway.database_url, f"SELECT count(*) FROM {name}"))[0][0]  # noqa: S608
        for name in ("assistants", "assistant_versions", "collections", "files", "documents")
    }
    blobs = Path(str(gateway.settings.blobs_folder()))
    counted["blobs"] = sum(path.is_file() for path in blobs.rglob("*"))
    return counted


def test_a_bundle_holds_definition_versions_and_files_with_their_checksums(
    gateway: RunningGateway, ada: Person
) -> None:
    path, _ = knowing(gateway, ada)
    entries = exported(gateway, ada, path)
    manifest = json.loads(entries["manifest.json"])

    assert next(iter(entries)) == "manifest.json"
    assert [entry["path"] for entry in manifest["entries"]] == list(entries)[1:]
    for entry in manifest["entries"]:
        assert hashlib.sha256(entries[entry["path"]]).hexdigest() == entry["sha256"]
    assert json.loads(entries["definition.json"])["name"] == "Atlas"
    assert json.loads(entries["versions/1.json"])["note"] == "First."


def test_what_is_exported_is_imported_as_a_private_assistant_of_ones_own(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    path, collection = knowing(gateway, ada)
    done(ada.patch(path, {"instructions": "Be kind.", "temperature": 0.5}))
    content = gateway.http.get(f"{path}/bundle", headers=ada.headers()).content
    made = done(sent(gateway, bob, content))["assistant"]
    known = made["tool_resources"]["file_search"]["vector_store_ids"]
    documents = done(bob.get(f"/v1/vector_stores/{known[0]}/files"))["data"]
    versions = done(bob.get(f"/v1/assistants/{made['id']}/versions"))["data"]
    again = done(bob.post(f"/v1/assistants/{made['id']}/publish"))

    assert (made["name"], made["instructions"], made["temperature"]) == ("Atlas", "Be kind.", 0.5)
    assert (made["visibility"], made["published_version"]) == ("private", None)
    assert len(known) == 1
    assert known != [collection]
    assert [document["filename"] for document in documents] == ["rules.txt"]
    assert [(version["version"], version["note"]) for version in versions] == [(1, "First.")]
    assert again["published_version"] == 2
    assert version_sent(gateway, 2) != version_sent(gateway)


def test_a_version_is_exported_with_the_files_of_its_epoch(
    gateway: RunningGateway, ada: Person
) -> None:
    path, collection = knowing(gateway, ada)
    document_of(ada, collection, "later.txt")
    carry(gateway, version_sent(gateway, 2))
    of_version = json.loads(exported(gateway, ada, path, version="1")["files.json"])
    of_draft = json.loads(exported(gateway, ada, path)["files.json"])

    assert [file["filename"] for file in of_version["files"]] == ["rules.txt"]
    assert [file["filename"] for file in of_draft["files"]] == ["rules.txt", "later.txt"]


def test_files_that_one_may_not_download_stay_out(gateway: RunningGateway, ada: Person) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    path, collection = knowing(gateway, ada)
    done(ada.put(f"/v1/vector_stores/{collection}/sharing", {"visibility": "private"}))
    files = json.loads(exported(gateway, mel, path)["files.json"])
    content = gateway.http.get(f"{path}/bundle", headers=mel.headers()).content
    made = done(sent(gateway, mel, content))

    assert files == {"files": [], "collections": []}
    assert made["left_out"] == [collection]


def test_files_that_are_too_many_bytes_are_refused_before_the_first_byte(
    gateway: RunningGateway, ada: Person
) -> None:
    path, collection = knowing(gateway, ada)
    for name in ("a.txt", "b.txt"):
        file = done(ada.upload(name, b"x" * 900))
        done(ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file["id"]}))
    status, problem = ada.get(f"{path}/bundle")

    assert (status, problem["code"]) == (413, "bundle_too_large")


def _definition(**fields: Any) -> dict[str, bytes]:
    return {"definition.json": json.dumps({**DEFINITION, **fields}).encode()}


def _files(**fields: Any) -> dict[str, bytes]:
    return {"files.json": json.dumps({**FILES, **fields}).encode()}


def _named(path: str) -> bytes:
    return bundle(files={path: FILE})


HOSTILE = {
    "no archive": b"PK is what it begins with, and that is all",
    "nothing": b"",
    "an empty archive": zipped([]),
    "cut off": bundle()[:-400],
    "no manifest": zipped(ALL),
    "a manifest of something else": zipped([("manifest.json", b'{"format":"x"}', True)]),
    "a manifest of nothing": zipped([("manifest.json", b"[" * 100_000, True)]),
    "a manifest too long": zipped([("manifest.json", b" " * (2 << 20), True)]),
    "a manifest not packed": zipped([("manifest.json", b"{}", False)]),
    "an entry more": bundle(lying=[*ALL, ("files/00002.txt", b"x", False)]),
    "an entry less": bundle(lying=TEXTS),
    "another order": bundle(lying=ALL[::-1]),
    "another content": bundle(lying=[*TEXTS, ("files/00001.txt", FILE[::-1], False)]),
    "a shorter content": bundle(lying=[*TEXTS, ("files/00001.txt", FILE[:-1], False)]),
    "a longer content": bundle(lying=[*TEXTS, ("files/00001.txt", FILE + b"x", False)]),
    "a packed file": bundle(lying=[*TEXTS, ("files/00001.txt", FILE, True)]),
    "a text that unpacks to more": bundle(
        lying=[("definition.json", b" " * (8 << 20), True), *ALL[1:]]
    ),
    "a path upwards": _named("files/../../../etc/passwd"),
    "an absolute path": _named("/etc/passwd"),
    "a path with a drive": _named("files/C:00001.txt"),
    "a folder below": _named("files/00001/a.txt"),
    "a path in other digits": _named("files/٠٠٠٠١.txt"),
    "another entry at the top": bundle(texts={"readme.json": b"{}"}),
    "an entry twice": bundle(
        manifest={
            "entries": [listed(path, content) for path, content, _ in (*ALL, ALL[-1])],
        },
        lying=[*ALL, ALL[-1]],
    ),
    "no files.json": bundle(manifest={"entries": [listed("definition.json", b"{}")]}),
    "a definition of other fields": bundle(texts=_definition(owner_id="mem_1")),
    "a definition without a name": bundle(texts=_definition(name="")),
    "a definition of too much": bundle(texts=_definition(instructions="x" * 32_001)),
    "a NUL in the definition": bundle(texts=_definition(instructions="\x00")),
    "a file that nobody lists": bundle(texts=_files(files=[])),
    "a file in a collection that is not there": bundle(
        texts=_files(
            collections=[{**FILES["collections"][0], "documents": [{"path": "files/00002.txt"}]}]
        )
    ),
    "a collection twice": bundle(texts=_files(collections=FILES["collections"] * 2)),
    "a version about another": bundle(
        texts={
            "versions/2.json": json.dumps(
                {"version": 3, "created_at": 0, "note": "", "definition": DEFINITION}
            ).encode()
        }
    ),
}


def test_what_nobody_exported_is_refused_and_leaves_nothing(
    gateway: RunningGateway, ada: Person
) -> None:
    before, wrong = traces(gateway), {}
    for name, content in HOSTILE.items():
        status, problem = sent(gateway, ada, content)
        code = problem.get("code")
        if status != 400 or code not in ("bundle_refused", "characters_not_storable"):
            wrong[name] = (status, problem)

    assert wrong == {}
    assert traces(gateway) == before
    assert sent(gateway, ada, bundle())[0] == 200


def test_a_bundle_of_a_later_format_is_named_as_such(gateway: RunningGateway, ada: Person) -> None:
    status, problem = sent(gateway, ada, bundle(manifest={"format_version": 2, "more": "fields"}))

    assert (status, problem["code"]) == (400, "bundle_version_unknown")
    assert "format version 2" in problem["message"]


@pytest.mark.parametrize("sizes", [[1_001], [800, 800]])
def test_a_bundle_of_too_many_bytes_is_refused_before_they_are_stored(
    gateway: RunningGateway, ada: Person, sizes: list[int]
) -> None:
    paths = [f"files/0000{number}.txt" for number in range(len(sizes))]
    files = {path: b"x" * size for path, size in zip(paths, sizes, strict=True)}
    before = traces(gateway)
    status, problem = sent(gateway, ada, bundle(files=files))

    assert (status, problem["code"]) == (413, "bundle_too_large")
    assert traces(gateway) == before


def test_an_encrypted_entry_is_refused(gateway: RunningGateway, ada: Person) -> None:
    content = bytearray(bundle())
    content[6] |= 1

    assert sent(gateway, ada, bytes(content))[1]["code"] == "bundle_refused"


def test_every_cut_of_a_bundle_is_refused(gateway: RunningGateway, ada: Person) -> None:
    whole = bundle()
    before = traces(gateway)
    for end in range(0, whole.index(b"PK\x01\x02"), 97):
        assert sent(gateway, ada, whole[:end])[1]["code"] == "bundle_refused"

    assert traces(gateway) == before


def test_forms_that_hold_no_bundle_are_refused(gateway: RunningGateway, ada: Person) -> None:
    def form(**what: Any) -> tuple[int, str]:
        answer = gateway.http.post("/v1/assistants/import", headers=ada.headers(), **what)
        return answer.status_code, answer.json()["error"]["code"]

    right_one = ("a.zip", bundle(), "application/zip")
    before = traces(gateway)
    answers = [
        form(files={"other": right_one}),
        form(files=[("file", right_one), ("file", right_one)]),
        form(data={"file": "x"}, files={"x": ("", b"")}),
        form(content=bundle()),
    ]

    assert set(answers) == {(400, "malformed_form")}
    assert traces(gateway) == before


def test_guests_import_nothing(gateway: RunningGateway, ada: Person) -> None:
    gus = gateway.enrol("Gus", power=Power.GUEST, beside=ada)

    assert sent(gateway, gus, bundle())[0] == 403
    assert gus.post("/v1/assistants/import/gpt", {"name": "G"})[0] == 403


def test_a_gpt_becomes_a_draft_whose_actions_are_kept_and_not_active(ada: Person) -> None:
    action = {"name": "api.example.org", "openapi": "openapi: 3.1.0"}
    configuration = {
        "name": "Trip planner",
        "description": "Plans trips.",
        "instructions": "Ask where to.",
        "conversation_starters": ["Where to?"],
        "capabilities": ["Web search", "Canvas"],
        "actions": [action],
    }
    made = done(ada.post("/v1/assistants/import/gpt", configuration))["assistant"]
    kept = done(ada.get(f"/v1/assistants/{made['id']}"))
    emptied = done(ada.patch(f"/v1/assistants/{made['id']}", {"disabled_actions": []}))

    assert (kept["name"], kept["instructions"]) == ("Trip planner", "Ask where to.")
    assert (kept["starters"], kept["visibility"]) == (["Where to?"], "private")
    assert kept["disabled_actions"] == [action]
    assert kept["metadata"] == {"gpt_capabilities": "Web search, Canvas"}
    assert emptied["disabled_actions"] == []


def test_actions_are_bounded_one_by_one_and_together(ada: Person) -> None:
    def refused(*actions: tuple[str, str]) -> bool:
        listed_ = [{"name": name, "openapi": text} for name, text in actions]
        answer = ada.post("/v1/assistants/import/gpt", {"name": "G", "actions": listed_})
        return answer[0] == 400

    assert refused(("a", "x" * 100_001))
    assert refused(("a", "x" * 60_000), ("b", "x" * 60_000))
    assert refused(*[("a", "x")] * 11)
    assert not refused(("a", "x" * 50_000), ("b", "x" * 50_000))
