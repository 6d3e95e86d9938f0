"""The end of an account: what is given along, what is handed over, and what is left."""

import asyncio
import io
import json
import zipfile
from pathlib import Path

import pytest

from contracts.accounts import Power
from contracts.ids import new_id
from gateway.accounts.rules import token_hash
from gateway.conversations.tables import Conversation, Feedback, Message, Turn
from gateway.db import Record
from gateway.shares.tables import Share
from tests.support.accounts import sign_in
from tests.support.gateway import PASSWORD, Person, RunningGateway, found, written
from tests.unit.gateway.working import collection_of, document_of
from tests.unit.gateway_accounts.conftest import Opens

SHOWN = {"password": PASSWORD}
SECRET_WORD = "what ada said of the agora"


def archive_of(person: Person) -> zipfile.ZipFile:
    answer = person.http.post("/v1/me/export", json=SHOWN, headers=person.headers())
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def conversation_of(gateway: RunningGateway, person: Person, assistant_id: str) -> str:
    """Somebody's conversation of one message, without any engine."""
    conversation_id, turn_id = new_id("conv_"), new_id("turn_")
    conversation: list[Record] = [
        Conversation(
            id=conversation_id,
            workspace_id=person.workspace_id,
            member_id=person.member_id,
            assistant_id=assistant_id,
            title=SECRET_WORD,
        )
    ]
    turn: list[Record] = [
        Turn(
            id=turn_id,
            conversation_id=conversation_id,
            member_id=person.member_id,
            status="complete",
            deadline_at=gateway.clock(),
        )
    ]
    message_id = new_id("msg_")
    message: list[Record] = [
        Message(
            id=message_id,
            conversation_id=conversation_id,
            turn_id=turn_id,
            role="user",
            content=SECRET_WORD,
            status="complete",
        )
    ]
    feedback: list[Record] = [
        Feedback(
            id=new_id("fb_"),
            message_id=message_id,
            assistant_id=assistant_id,
            rating="down",
            comment=f"No {SECRET_WORD}.",
            correction="",
        )
    ]
    share: list[Record] = [
        Share(
            id=new_id("shr_"),
            workspace_id=person.workspace_id,
            member_id=person.member_id,
            conversation_id=conversation_id,
            message_id=message_id,
            token_hash=token_hash(f"shr-stoa-{message_id}"),
            assistant_name="Atlas",
            message_count=1,
            messages=[{"role": "user", "content": f"Shared: {SECRET_WORD}"}],
        )
    ]
    asyncio.run(written(gateway.database_url, conversation, turn, message, feedback, share))
    return conversation_id


def attach(person: Person, conversation_id: str) -> str:
    """A file of that conversation alone; its id."""
    path = f"/v1/conversations/{conversation_id}/files"
    status, attached = person.upload("heron.txt", b"a heron", path=path)
    assert status == 201, attached
    file_id: str = attached["id"]
    return file_id


@pytest.fixture
def furnished(gateway: RunningGateway, ada: Person) -> str:
    """Ada with an assistant, a document, a key and a conversation; the assistant's id."""
    collection_id = collection_of(ada)
    document_of(ada, collection_id)
    ada.upload("../../etc/<b>plan</b>.PDF", b"the plan")
    _, assistant = ada.post("/v1/assistants", {"name": "Atlas", "instructions": "Be brief."})
    ada.post(f"/v1/assistants/{assistant['id']}/publish")
    gateway.with_key(ada, "read")
    attach(ada, conversation_of(gateway, ada, assistant["id"]))
    made: str = assistant["id"]
    return made


TABLES = [
    *("members", "workspaces", "sessions", "keys", "invites", "tickets", "grants"),
    *("assistants", "assistant_versions", "collections", "files"),
    *("conversations", "messages", "turns", "feedback", "shares"),
]


def everything_in(database_url: str) -> str:
    """Every row of the tables that hold what people write."""
    texts = (f"SELECT t::text FROM {name} t" for name in TABLES)  # noqa: S608 - names of ours
    rows = asyncio.run(found(database_url, " UNION ALL ".join(texts)))
    return " ".join(row[0] for row in rows)


def test_an_export_holds_what_is_ones_own_and_no_secret(
    ada: Person, bob: Person, furnished: str
) -> None:
    bob.post("/v1/assistants", {"name": "Bob's own"})
    bob.upload("bobs.txt", b"of bob")
    archive = archive_of(ada)
    names = archive.namelist()
    account = json.loads(archive.read("account.json"))
    files = json.loads(archive.read("files.json"))
    (conversation,) = [name for name in names if name.startswith("conversations/")]
    whole = b"".join(archive.read(name) for name in names).decode(errors="replace")

    assert archive.testzip() is None
    assert account["email"] == "ada@example.org"
    assert json.loads(archive.read("assistants.json"))[0]["id"] == furnished
    assert f"No {SECRET_WORD}." in archive.read(conversation).decode()
    assert f"Shared: {SECRET_WORD}" in archive.read(conversation).decode()
    assert "token_hash" not in whole
    assert {b"the plan", b"a heron"} <= {archive.read(file["path"]) for file in files}
    (attached,) = (file["id"] for file in files if file["filename"] == "heron.txt")
    assert json.loads(archive.read(conversation))["file_ids"] == [attached]
    assert len(json.loads(archive.read("collections.json"))) == 1
    assert all(
        name.startswith(("files/file-", "conversations/")) or "/" not in name for name in names
    )
    assert "bob" not in whole.lower()
    assert ada.token not in whole
    assert "argon2" not in whole
    assert "sk-stoa-" not in whole.replace(account["keys"][0]["prefix"], "")


def test_files_beyond_the_limit_are_listed_and_left_out(opens: Opens) -> None:
    place = opens(export_bytes=10)
    ada = place.enrol("Ada")
    ada.upload("small.txt", b"small")
    ada.upload("large.txt", b"x" * 100)
    files = json.loads(archive_of(ada).read("files.json"))

    assert {file["filename"]: file["path"] is not None for file in files} == {
        "small.txt": True,
        "large.txt": False,
    }


def test_export_and_deletion_want_the_password(ada: Person) -> None:
    wrong = {"password": "not hers at all"}

    assert ada.post("/v1/me/export", wrong)[1]["code"] == "wrong_credentials"
    assert ada.post("/v1/me/delete", wrong)[1]["code"] == "wrong_credentials"
    assert ada.get("/v1/me")[0] == 200


def test_a_deleted_account_leaves_nothing_but_an_id(
    gateway: RunningGateway, ada: Person, furnished: str, tmp_path: Path
) -> None:
    key = gateway.with_key(ada, "read")
    status, _ = ada.post("/v1/me/delete", SHOWN)
    left = everything_in(gateway.database_url)
    purges = asyncio.run(
        found(gateway.database_url, "SELECT count(*) FROM outbox WHERE name LIKE '%purge%'")
    )

    assert status == 200
    assert (ada.get("/v1/me")[0], key.get("/v1/me")[0]) == (401, 401)
    assert sign_in(gateway.http, "ada@example.org", PASSWORD)[1]["code"] == "wrong_credentials"
    for word in ("ada@example.org", "Ada", SECRET_WORD, "Atlas", "Be brief", "plan", "heron"):
        assert word not in left, word
    assert "argon2" not in left
    assert ada.member_id in left
    assert furnished in left
    assert purges[0][0] == 2
    assert b"the plan" not in {path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_the_address_is_free_for_somebody_new(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    bob.post("/v1/me/delete", SHOWN)
    _, invite = ada.post("/v1/admin/invites", {"email": "bob@example.org", "role": "guest"})
    account = {"email": "bob@example.org", "name": "Bob", "password": "a walk under olive trees"}
    answer = gateway.http.post("/v1/accounts", json=account | {"invite": invite["token"]})

    assert answer.status_code == 201
    assert answer.json()["member"]["id"] != bob.member_id


def test_what_others_work_with_is_handed_over(gateway: RunningGateway, ada: Person) -> None:
    carol = gateway.enrol("Carol", power=Power.MEMBER, beside=ada)
    _, assistant = carol.post("/v1/assistants", {"name": "Atlas"})
    collection_id = collection_of(carol)
    file_id = document_of(carol, collection_id)
    attach(carol, conversation_of(gateway, carol, assistant["id"]))
    status, _ = carol.post("/v1/me/delete", SHOWN)
    said = asyncio.run(found(gateway.database_url, "SELECT count(*) FROM messages"))

    assert status == 200
    assert ada.post(f"/v1/assistants/{assistant['id']}", {"name": "Atlas II"})[0] == 200
    assert ada.get(f"/v1/vector_stores/{collection_id}/files/{file_id}")[0] == 200
    assert ada.get(f"/v1/files/{file_id}")[0] == 200
    # What was attached to a conversation goes with it, and to nobody.
    assert [file["id"] for file in ada.get("/v1/files")[1]["data"]] == [file_id]
    assert "heron" not in everything_in(gateway.database_url)
    assert [one["name"] for one in ada.get("/v1/admin/members")[1]["data"]] == ["Ada"]
    assert said[0][0] == 0


def test_an_owner_whom_others_need_hands_over_first(gateway: RunningGateway, ada: Person) -> None:
    carol = gateway.enrol("Carol", power=Power.MEMBER, beside=ada)
    refused, problem = ada.post("/v1/me/delete", SHOWN)
    ada.patch(f"/v1/workspaces/{ada.workspace_id}/members/{carol.member_id}", {"role": "owner"})

    assert (refused, problem["code"]) == (409, "last_owner")
    assert ada.post("/v1/me/delete", SHOWN)[0] == 200


def test_the_last_operator_stays(gateway: RunningGateway, operator: Person) -> None:
    assert operator.post("/v1/me/delete", SHOWN)[1]["code"] == "last_operator"

    gateway.enrol("Oscar", is_operator=True)
    assert operator.post("/v1/me/delete", SHOWN)[0] == 200
