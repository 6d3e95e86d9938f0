"""A file attached to one conversation: read there, opened by its owner, and nobody else's."""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from contracts.accounts import Power
from contracts.conversations import ConversationFileView
from gateway.adapters.blobs_folder import FolderBlobs
from gateway.caller import Caller
from gateway.conversations.errors import AttachedFileUnread
from gateway.conversations.service.files import ConversationFileService, FileParts
from gateway.conversations.service.waiting import wait_until_read
from gateway.db import Database
from gateway.outbox.service import Bell
from gateway.settings import ConversationLimits
from tests.integration.gateway_chat.places import (
    HANDBOOK,
    Place,
    Shelf,
    index_version,
    put_on,
    signed_in_member,
)
from tests.integration.gateway_chat.talking import answered, ask, begun, read_out
from tests.integration.gateway_chat.test_temporary import holding
from tests.support.waiting import wait_until

REPORT = (
    "The lighthouse was painted white in the spring of last year.",
    "Repairs of the lighthouse lamp took eleven weeks.",
)
QUESTION = "When was the lighthouse painted white?"


@dataclass(frozen=True)
class Talk:
    """A conversation of Eve's, with the steps that a file in it goes through."""

    place: Place
    eve: httpx2.Client
    id: str

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.id}"

    def attach(self, filename: str = "report.md", **more: Any) -> httpx2.Response:
        content = "\n\n".join(REPORT).encode()
        files = {"file": (filename, content, "text/markdown")}
        return self.eve.post(f"{self.path}/files", files=files, **more)

    def read(self, file_id: str, passages: Sequence[str] = REPORT, **more: Any) -> None:
        """The worker's part."""
        (row,) = self.place.rows(
            "SELECT v.id, d.collection_id, d.workspace_id FROM document_versions v"
            " JOIN documents d ON d.id = v.document_id WHERE v.file_id = :id",
            id=file_id,
        )
        shelf = Shelf(row["collection_id"], row["workspace_id"])
        index_version(self.place, shelf, row["id"], "report.md", passages, **more)

    def attached(self) -> str:
        """A file that has been read."""
        file_id: str = self.attach().json()["id"]
        self.read(file_id)
        return file_id

    def collection(self) -> str:
        query = "SELECT id FROM collections WHERE conversation_id = :id"
        found: str = self.place.rows(query, id=self.id)[0]["id"]
        return found

    def cited(self, question: str = QUESTION) -> dict[str, Any]:
        """What the first marker of an answer cites."""
        answer = answered(self.eve, self.id, question)
        citation: dict[str, Any] = answer["annotations"][0]["file_citation"]
        return citation


@pytest.fixture
def eve(place: Place) -> Iterator[httpx2.Client]:
    """A member with a workspace of her own, new for each test."""
    with closing(signed_in_member(place, f"eve-{secrets.token_hex(4)}")) as client:
        yield client


@pytest.fixture
def assistant(eve: httpx2.Client) -> str:
    """An assistant that knows nothing."""
    made: str = eve.post("/v1/assistants", json={"name": "Helper"}).json()["id"]
    return made


@pytest.fixture
def talk(place: Place, eve: httpx2.Client, assistant: str) -> Talk:
    return Talk(place, eve, begun(eve, assistant, draft=True))


@pytest.fixture
def admin(place: Place, eve: httpx2.Client, bob: httpx2.Client) -> httpx2.Client:
    """Somebody who runs the workspace that Eve talks in, and may edit her assistant."""
    workspace = eve.get("/v1/me").json()["workspace"]["id"]
    member = bob.get("/v1/me").json()["id"]
    place.rows(
        "INSERT INTO memberships (workspace_id, member_id, power) VALUES (:to, :who, 'owner')",
        to=workspace,
        who=member,
    )
    place.rows(
        "UPDATE sessions SET workspace_id = :to WHERE member_id = :who", to=workspace, who=member
    )
    return bob


def opened(person: httpx2.Client, citation: dict[str, Any]) -> int:
    return person.get(f"/v1/passages/{citation['passage_id']}/surroundings").status_code


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_an_assistant_without_documents_answers_from_it_and_cites_it(talk: Talk) -> None:
    file_id = talk.attached()
    citation = talk.cited()
    (file,) = talk.eve.get(f"{talk.path}/files").json()["data"]

    assert (citation["file_id"], citation["quote"]) == (file_id, REPORT[0])
    assert (file["status"], file["filename"], file["passage_count"]) == (
        "completed",
        "report.md",
        2,
    )
    assert opened(talk.eve, citation) == 200


def test_an_assistant_with_documents_answers_from_both(
    place: Place, eve: httpx2.Client, assistant: str, talk: Talk
) -> None:
    shelf = Shelf(
        eve.post("/v1/vector_stores", json={"name": "Rules"}).json()["id"],
        eve.get("/v1/me").json()["workspace"]["id"],
    )
    put_on(place, eve, shelf, "handbook.md", HANDBOOK)
    search = f"/v1/vector_stores/{shelf.collection_id}/search"
    before = eve.post(search, json={"query": QUESTION}).json()["data"]
    resources = {"file_search": {"vector_store_ids": [shelf.collection_id]}}
    eve.post(f"/v1/assistants/{assistant}", json={"tool_resources": resources})
    talk.attached()
    citations = [talk.cited(), talk.cited("How many days of annual leave for full-time staff?")]
    elsewhere = answered(eve, begun(eve, assistant, draft=True), QUESTION)

    assert [each["quote"] for each in citations] == [REPORT[0], HANDBOOK[0]]
    # Words that are rare in the collection are as rare as before, and nothing else is found in it.
    assert eve.post(search, json={"query": QUESTION}).json()["data"] == before
    assert REPORT[0] not in elsewhere["content"]


def test_it_is_read_beside_a_public_assistant_of_another_workspace(
    place: Place, ada: httpx2.Client, shelf_of_ada: Shelf, eve: httpx2.Client
) -> None:
    resources = {"file_search": {"vector_store_ids": [shelf_of_ada.collection_id]}}
    made = ada.post("/v1/assistants", json={"name": "Open", "tool_resources": resources}).json()
    ada.post(f"/v1/assistants/{made['id']}/publish")
    ada.put(f"/v1/assistants/{made['id']}/sharing", json={"visibility": "public"})
    talk = Talk(place, eve, begun(eve, made["id"]))
    talk.attached()
    answer = answered(eve, talk.id, QUESTION)
    citation = answer["annotations"][0]["file_citation"]
    account = eve.get(f"/v1/turns/{answer['turn_id']}/context").json()["segments"]
    ada.delete(f"/v1/assistants/{made['id']}").raise_for_status()

    assert citation["quote"] == REPORT[0]
    assert [opened(each, citation) for each in (eve, ada)] == [200, 404]
    assert {each["filename"] for each in account if each["text"] in REPORT} == {"report.md"}


def test_nobody_else_finds_it_not_even_who_runs_the_workspace(
    talk: Talk, admin: httpx2.Client
) -> None:
    file_id, store = talk.attached(), ""
    store, citation = talk.collection(), talk.cited()
    asked = {"query": QUESTION}
    paths = (
        ("GET", f"{talk.path}/files", None),
        ("DELETE", f"{talk.path}/files/{file_id}", None),
        ("GET", f"/v1/files/{file_id}", None),
        ("GET", f"/v1/files/{file_id}/content", None),
        ("DELETE", f"/v1/files/{file_id}", None),
        ("GET", f"/v1/vector_stores/{store}", None),
        ("GET", f"/v1/vector_stores/{store}/files", None),
        ("POST", f"/v1/vector_stores/{store}/search", asked),
        ("PUT", f"/v1/vector_stores/{store}/sharing", {"visibility": "workspace"}),
        ("GET", f"/v1/passages/{citation['passage_id']}", None),
    )
    statuses = [admin.request(method, path, json=body).status_code for method, path, body in paths]
    uploaded = admin.post(f"{talk.path}/files", files={"file": ("mine.md", b"Mine.")})
    named = [admin.get(path).text for path in ("/v1/files", "/v1/vector_stores", "/v1/admin/jobs")]

    assert statuses == [404] * len(paths)
    assert uploaded.status_code == 404
    assert not any(each in text for text in named for each in (store, file_id, "report.md"))


def test_it_is_nobodys_knowledge_not_even_its_owners(
    talk: Talk, eve: httpx2.Client, assistant: str
) -> None:
    file_id = talk.attached()
    resources = {"file_search": {"vector_store_ids": [talk.collection()]}}
    taken = eve.post(f"/v1/assistants/{assistant}", json={"tool_resources": resources})
    kept = eve.post("/v1/vector_stores", json={"name": "Mine", "file_ids": [file_id]})
    lists = [eve.get(path).json()["data"] for path in ("/v1/files", "/v1/vector_stores")]

    assert (taken.status_code, kept.status_code) == (404, 404)
    assert lists == [[], []]


def test_a_question_waits_until_it_is_read_and_says_so(talk: Talk) -> None:
    file_id = talk.attach().json()["id"]
    turn = ask(talk.eve, talk.id, QUESTION)
    wait_until(
        lambda: any(each.text == "reading_file" for each in talk.place.told(turn["id"])),
        seconds=20,
        what="the question to wait",
    )
    talk.read(file_id)
    answer = read_out(talk.eve, turn)
    steps = [each for each in talk.place.told(turn["id"]) if each.type == "status"]

    assert answer["annotations"][0]["file_citation"]["quote"] == REPORT[0]
    assert (steps[0].filename, steps[0].detail) == ("report.md", {"percent": 0})
    assert steps[-1].text == "writing"


def test_a_question_that_waits_for_a_file_that_cannot_be_read_fails_and_says_why(
    talk: Talk,
) -> None:
    file_id = talk.attach().json()["id"]
    turn = ask(talk.eve, talk.id, QUESTION)
    wait_until(
        lambda: any(each.text == "reading_file" for each in talk.place.told(turn["id"])),
        seconds=20,
        what="the question to wait",
    )
    talk.place.rows(
        "UPDATE document_versions SET stage = 'failed', error_code = 'invalid_file',"
        " error_message = 'The file is damaged.' WHERE file_id = :id",
        id=file_id,
    )
    answer = read_out(talk.eve, turn)
    (file,) = talk.eve.get(f"{talk.path}/files").json()["data"]

    assert (answer["status"], answer["error"]) == ("failed", "attached_file_failed")
    assert answer["error_words"] == "report.md could not be read. The file is damaged."
    assert file["last_error"] == {"code": "invalid_file", "message": "The file is damaged."}
    # Whoever asks once more has seen that.
    assert answered(talk.eve, talk.id, QUESTION)["status"] == "complete"


def test_a_question_waits_only_so_long(talk: Talk) -> None:
    talk.attach()

    with pytest.raises(AttachedFileUnread, match=r"report\.md is still being read"):
        asyncio.run(_waited(talk))


async def _waited(talk: Talk) -> None:
    database, me = Database(talk.place.database), talk.eve.get("/v1/me").json()
    blobs = FolderBlobs(talk.place.blobs)
    unclaimed = timedelta(seconds=60)
    files = ConversationFileService(
        FileParts(database, blobs, Bell(), unclaimed, ConversationLimits())
    )
    caller = Caller(
        member_id=me["id"],
        workspace_id=me["workspace"]["id"],
        power=Power.OWNER,
        member_name="",
        email="",
        key_id=None,
        scopes=frozenset(),
    )

    async def tell(_file: ConversationFileView) -> None:
        """Nobody listens."""

    try:
        await wait_until_read(files, caller, talk.id, 0, tell)
    finally:
        await database.close()


def test_a_small_file_is_read_whatever_is_asked(talk: Talk) -> None:
    file_id = talk.attach().json()["id"]
    talk.read(file_id, is_found=False)
    answer = answered(talk.eve, talk.id, "What is this about?")
    account = talk.eve.get(f"/v1/turns/{answer['turn_id']}/context").json()["segments"]

    assert [each["text"] for each in account if each["kind"] == "passage"] == list(REPORT)


def test_of_a_long_file_in_which_nothing_is_found_the_beginning_is_read(talk: Talk) -> None:
    passages = [f"Chapter {number} tells of island number {number}." for number in range(30)]
    file_id = talk.attach().json()["id"]
    talk.read(file_id, passages, is_found=False)
    answer = answered(talk.eve, talk.id, "What is this about?")
    account = talk.eve.get(f"/v1/turns/{answer['turn_id']}/context").json()["segments"]

    assert [each["text"] for each in account if each["kind"] == "passage"] == passages[:6]


def test_it_goes_with_its_conversation_and_comes_back_with_it(talk: Talk) -> None:
    talk.attached()
    citation = talk.cited()
    talk.eve.delete(talk.path)
    gone = opened(talk.eve, citation)
    talk.place.swept()
    talk.eve.post(f"{talk.path}/restore")

    assert (gone, opened(talk.eve, citation)) == (404, 200)
    assert talk.cited()["quote"] == REPORT[0]


def test_once_nobody_can_have_the_conversation_back_nothing_of_it_is_left(talk: Talk) -> None:
    talk.attach("pelican.md")
    file_id = talk.attach("heron.md").json()["id"]
    talk.read(file_id, ("A pelican stood there.", "And a heron."))
    talk.eve.delete(talk.path)
    talk.place.rows(
        "UPDATE conversations SET deleted_at = now() - interval '31 days' WHERE id = :id",
        id=talk.id,
    )
    talk.place.swept()
    asked = talk.place.rows(
        "SELECT count(*) AS n FROM outbox WHERE name = 'ingest.purge_version' AND"
        " payload->>'document_version_id' IN (SELECT v.id FROM document_versions v"
        " JOIN documents d ON d.id = v.document_id WHERE d.collection_id = :id)",
        id=talk.collection(),
    )

    assert holding(talk.place, "pelican") == holding(talk.place, "heron") == set()
    assert asked[0]["n"] == 2


def test_taken_out_it_is_read_no_more(talk: Talk) -> None:
    file_id = talk.attached()
    citation = talk.cited()
    taken = talk.eve.delete(f"{talk.path}/files/{file_id}")
    again = talk.eve.delete(f"{talk.path}/files/{file_id}")

    assert taken.json() == {"id": file_id, "object": "conversation.file.deleted", "deleted": True}
    assert code(again) == (404, "file_not_attached")
    assert talk.eve.get(f"{talk.path}/files").json()["data"] == []
    assert opened(talk.eve, citation) == 404
    assert answered(talk.eve, talk.id, "And when was it painted?")["annotations"] == []


def test_sent_twice_under_one_key_it_is_attached_once(talk: Talk) -> None:
    key = {"idempotency-key": secrets.token_hex(8)}
    boundary = {"content-type": "multipart/form-data; boundary=edge"}
    part = b'content-disposition: form-data; name="file"; filename="a.md"\r\n\r\nA.'
    body = b"--edge\r\n" + part + b"\r\n--edge--\r\n"
    first, second = (
        talk.eve.post(f"{talk.path}/files", content=body, headers=key | boundary) for _ in range(2)
    )

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len(talk.eve.get(f"{talk.path}/files").json()["data"]) == 1


def test_there_are_only_so_many(talk: Talk) -> None:
    statuses = [talk.attach(f"{number}.md").status_code for number in range(10)]

    assert statuses == [201] * 10
    assert code(talk.attach()) == (409, "too_many_attached_files")


def test_a_temporary_conversation_takes_none(
    place: Place, eve: httpx2.Client, assistant: str
) -> None:
    talk = Talk(place, eve, begun(eve, assistant, draft=True, temporary=True))

    assert code(talk.attach("cormorant.md")) == (409, "conversation_temporary")
    assert holding(place, "cormorant") == set()


def test_exports_name_it(talk: Talk) -> None:
    file_id = talk.attached()
    answered(talk.eve, talk.id, QUESTION)
    whole = talk.eve.get(f"{talk.path}/export.json").json()
    lines = talk.eve.get(f"{talk.path}/export.md").text.splitlines()

    assert [(each["id"], each["filename"]) for each in whole["files"]] == [(file_id, "report.md")]
    assert "- report.md" in lines


def test_a_share_link_quotes_it_as_long_as_it_is_attached(talk: Talk, ada: httpx2.Client) -> None:
    file_id = talk.attached()
    talk.cited()
    token = talk.eve.post(f"{talk.path}/shares").json()["token"]
    before = _quoted(ada, token)
    talk.eve.delete(f"{talk.path}/files/{file_id}").raise_for_status()

    assert before == [REPORT[0]]
    assert _quoted(ada, token) == [None]


def _quoted(reader: httpx2.Client, token: str) -> list[str | None]:
    shared = reader.get(f"/v1/shared/{token}").json()["messages"]["data"]
    return [cited["quote"] for message in shared for cited in message["citations"]]
