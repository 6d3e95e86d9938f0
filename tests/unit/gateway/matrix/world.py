"""Two cities with the same things in each, everybody who may ask for them, and what is there.

Athens is where the ids of the table come from; Sparta lends the foreign ones. A world is made once;
after a call that changed something it is put back row by row, which costs milliseconds.
"""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from contracts.accounts import Power
from contracts.avatars import AvatarReport
from contracts.conversations import TurnStatus
from contracts.ids import new_id
from gateway.accounts.rules import KEY_PREFIX, new_token, token_hash
from gateway.accounts.tables import Key
from gateway.catalog.rules.listed import handle_of
from gateway.settings import AuditLimits, GuessLimits, GuestLimits
from gateway.shares.rules import SHARE_PREFIX, KeptMessage
from gateway.shares.tables import Share
from tests.support.gateway import (
    PASSWORD,
    SERVICE_SECRET,
    Person,
    RunningGateway,
    changed,
    found,
    gateway_settings,
    running_gateway,
    written,
)
from tests.support.portraits import portrait, red
from tests.unit.gateway.matrix.kept import Kept
from tests.unit.gateway.matrix.moderated import reported, taken_down
from tests.unit.gateway.matrix.spent import called, looked_at, price
from tests.unit.gateway.working import carry, document_of

PEOPLE = (
    "anonymous",
    "other",
    "guest",
    "member",
    "user",
    "editor",
    "keeper",
    "admin",
    "owner",
    "operator",
    "suspended",
    "pending",
    "noscope",
    "bound",
    "revoked",
    "expired",
    "visitor",
    "passer",
    "page",
)
"""The columns of the table. user, editor: with a grant. noscope … expired: keys of the keeper.
visitor, passer, page: by a link to Athens, to Sparta, by a publishable key to Athens' listing."""

ATHENIAN, SPARTAN = "canary-of-athens", "canary-of-sparta"
"""In the prompt, the name, the document and the question of each city's things."""

LEAKS = (
    PASSWORD,
    SERVICE_SECRET,
    "$argon2",
    "Traceback (most recent",
    'File "/',
    "site-packages",
    "postgresql",
    "SELECT ",
)
"""What no answer holds, good or bad."""

Ids = dict[str, str]


@dataclass
class World(Kept):
    """A running gateway with two cities in it."""

    gateway: RunningGateway
    people: dict[str, Person]
    athens: Ids
    sparta: Ids

    def ask(self, method: str, path: str, who: str, **what: Any) -> httpx2.Response:
        """The answer, which must not tell what no answer may."""
        headers = {} if who == "anonymous" else self.people[who].headers()
        answer = self.gateway.http.request(method, path, headers=headers, **what)
        foreign = [ATHENIAN] if who == "other" else [SPARTAN]
        if who in ("visitor", "passer"):
            # Not a word of what an assistant is told, or reads, or of what others said to it.
            foreign = [ATHENIAN, SPARTAN]
        leaked = [leak for leak in (*LEAKS, *foreign, str(self.folder)) if leak in answer.text]
        assert leaked == [], f"{method} {path} as {who} told {leaked}"
        return answer


@contextmanager
def a_world(database_url: str, folder: Path) -> Iterator[World]:
    """Both cities, served until the block ends."""
    settings = gateway_settings(
        database_url,
        folder,
        audit=AuditLimits(rows_per_client_minute=100_000, rows_per_minute=100_000),
        guesses=GuessLimits(**dict.fromkeys(GuessLimits.model_fields, 100_000)),
        guests=GuestLimits(admitted=True),
    )
    with (
        asyncio.Runner() as runner,
        running_gateway(database_url, folder, settings=settings) as gateway,
    ):
        people = _people(gateway)
        athens = _city(gateway, people["keeper"], people["owner"], ATHENIAN)
        _granted(people, athens)
        people |= _keys(gateway, people["keeper"])
        sparta = _city(gateway, people["other"], people["other"], SPARTAN)
        people["visitor"] = _guest(gateway, athens["door"])
        people["passer"] = _guest(gateway, sparta["door"])
        people["page"] = gateway.with_page_key(people["keeper"], athens["listing"])
        asyncio.run(_shut_out(database_url, people["suspended"], people["pending"]))
        asyncio.run(written(database_url, [price(people["operator"])]))
        asyncio.run(_used(database_url, people, athens["listing"]))
        taken_down(gateway, people["operator"], athens["assistant"])
        plain_url = database_url.replace("+asyncpg", "")
        connection = runner.run(asyncpg.connect(plain_url))
        world = World(folder, runner, connection, gateway, people, athens, sparta)
        try:
            world.keep()
            yield world
        finally:
            runner.run(connection.close())


def _people(gateway: RunningGateway) -> dict[str, Person]:
    owner = gateway.enrol("Owner")
    beside = {
        "guest": Power.GUEST,
        "member": Power.MEMBER,
        "user": Power.MEMBER,
        "editor": Power.MEMBER,
        "keeper": Power.MEMBER,
        "admin": Power.ADMIN,
        "suspended": Power.ADMIN,
        "pending": Power.ADMIN,
    }
    people = {
        name: gateway.enrol(name.title(), power=power, beside=owner)
        for name, power in beside.items()
    }
    return people | {
        "owner": owner,
        "other": gateway.enrol("Other"),
        "operator": gateway.enrol("Operator", is_operator=True),
    }


def _granted(people: dict[str, Person], ids: Ids) -> None:
    """One member may use the keeper's things, another change them."""
    user, editor = people["user"].member_id, people["editor"].member_id
    grants = {
        f"/v1/assistants/{ids['assistant']}/sharing": (["use"], ["edit"]),
        f"/v1/vector_stores/{ids['collection']}/sharing": (["use"], ["edit", "download"]),
    }
    for path, (uses, edits) in grants.items():
        members = [{"id": user, "powers": uses}, {"id": editor, "powers": edits}]
        visibility = "link" if "assistants" in path else "private"
        status, body = people["keeper"].put(path, {"visibility": visibility, "members": members})
        assert status == 200, body


def _city(gateway: RunningGateway, keeper: Person, owner: Person, canary: str) -> Ids:
    """One of everything, made by an ordinary member where there is one."""
    collection_id = _made(keeper.post("/v1/vector_stores", {"name": f"Rules {canary}"}))
    file_id = document_of(keeper, collection_id)
    batch_id = _made(
        keeper.post(f"/v1/vector_stores/{collection_id}/file_batches", {"file_ids": [file_id]})
    )
    # The batch read the file again: only its newest version can come to an end.
    passage_id = carry(gateway, _version_of(gateway, file_id), canary, has_picture=True)[0]
    resources = {"file_search": {"vector_store_ids": [collection_id]}}
    assistant_id = _made(
        keeper.post(
            "/v1/assistants",
            {"name": "Atlas", "instructions": canary, "tool_resources": resources},
        )
    )
    picture = _worn(gateway, keeper, assistant_id, "red" if canary == ATHENIAN else "blue")
    _made(keeper.post(f"/v1/assistants/{assistant_id}/publish"))
    _made(keeper.put(f"/v1/assistants/{assistant_id}/sharing", {"visibility": "link"}))
    status, link = keeper.post(f"/v1/assistants/{assistant_id}/links", {"name": "Friends"})
    assert status == 201, link
    conversation_id = _made(keeper.post("/v1/conversations", {"assistant_id": assistant_id}))
    files = f"/v1/conversations/{conversation_id}/files"
    attached_id = _made(keeper.upload(f"{canary}.txt", canary.encode(), path=files))
    # Read, or each question of the table would wait for it.
    carry(gateway, _version_of(gateway, attached_id), canary)
    turn_id = _made(keeper.post(f"/v1/conversations/{conversation_id}/turns", {"text": canary}))
    over(gateway, keeper, turn_id)
    _, turn = keeper.get(f"/v1/turns/{turn_id}")
    listing = _made(keeper.post("/v1/assistants", {"name": "Agora", "instructions": canary}))
    _made(keeper.post(f"/v1/assistants/{listing}/publish"))
    _made(keeper.put(f"/v1/assistants/{listing}/sharing", {"visibility": "public"}))
    original = _original(keeper)
    invite = {"email": f"new.{keeper.member_id}@example.org", "role": "member"}
    spare = gateway.enrol(f"Spare-{keeper.member_id}", power=Power.MEMBER, beside=owner)
    group = {"name": "Guards", "members": [spare.member_id]}
    budget = {"subject": "workspace", "amount": "25", "period": "month"}
    return {
        "assistant": assistant_id,
        "picture": picture,
        "listing": keeper.get(f"/v1/assistants/{listing}")[1]["slug"],
        "original": original,
        "builder": handle_of(keeper.member_id),
        "case": reported(gateway, listing),
        "collection": collection_id,
        "file": file_id,
        "batch": batch_id,
        "passage": passage_id,
        "conversation": conversation_id,
        "attached": attached_id,
        "folder": _made(keeper.post("/v1/folders", {"name": f"Staff {canary}"})),
        "message": turn["answer"]["id"],
        "turn": turn_id,
        "key": _made(keeper.post("/v1/keys", {"name": "mine"})),
        "invite": _made(owner.post("/v1/admin/invites", invite)),
        "group": _made(owner.post("/v1/groups", group)),
        "budget": _made(owner.post("/v1/budgets", budget)),
        "session": _session_of(gateway, keeper),
        "member": spare.member_id,
        "workspace": keeper.workspace_id,
        "entry": (entry_id := called(gateway, keeper, assistant_id, conversation_id)),
        "share": (token := _shared(gateway, keeper, conversation_id, turn))[0],
        "token": token[1],
        "link": link["id"],
        "door": link["token"],
        "reconciliation": looked_at(gateway, entry_id, conversation_id),
    }


def _guest(gateway: RunningGateway, door: str) -> Person:
    """Somebody without an account who came by a link."""
    answer = gateway.http.post(f"/v1/doors/{door}/visits").raise_for_status()
    return Person(gateway.http, answer.json()["token"])


def _worn(gateway: RunningGateway, person: Person, assistant_id: str, colour: str) -> str:
    """A picture that an assistant has; its hash."""
    assert person.send_avatar(assistant_id, red())[0] == 202
    query = "SELECT id FROM avatar_uploads WHERE assistant_id = :assistant_id"
    rows = asyncio.run(found(gateway.database_url, query, assistant_id=assistant_id))
    report = AvatarReport(content=b64encode(portrait(colour)))
    gateway.jobs().put_avatar(rows[0][0], report)
    return sha256(portrait(colour)).hexdigest()


def _shared(
    gateway: RunningGateway, person: Person, conversation_id: str, turn: dict[str, Any]
) -> tuple[str, str]:
    """A link to a talk, which anybody who is here may open; its id and its token."""
    token = new_token(SHARE_PREFIX)
    said = KeptMessage(
        role="user", content="Hello", status=TurnStatus.COMPLETE, citations=[], unsupported=[]
    )
    link = Share(
        id=new_id("shr_"),
        workspace_id=person.workspace_id,
        member_id=person.member_id,
        conversation_id=conversation_id,
        message_id=turn["answer"]["id"],
        token_hash=token_hash(token),
        assistant_name="Atlas",
        message_count=1,
        messages=[said.model_dump(mode="json")],
    )
    share_id = link.id
    asyncio.run(written(gateway.database_url, [link]))
    # The engines are away, so no answer has a word: what is shared needs one.
    answered = "UPDATE messages SET content = 'Hello' WHERE id = :id"
    asyncio.run(changed(gateway.database_url, answered, id=turn["answer"]["id"]))
    return share_id, token


def _original(keeper: Person) -> str:
    """A listing of which everybody may make a copy; its slug."""
    original = _made(keeper.post("/v1/assistants", {"name": "Stele", "instructions": "Be open."}))
    _made(keeper.post(f"/v1/assistants/{original}/publish"))
    _made(keeper.put(f"/v1/assistants/{original}/sharing", {"visibility": "public"}))
    choices = {"shows_instructions": True, "may_be_copied": True}
    assert keeper.put(f"/v1/assistants/{original}/listing", choices)[0] == 200
    slug: str = keeper.get(f"/v1/assistants/{original}")[1]["slug"]
    return slug


def _session_of(gateway: RunningGateway, person: Person) -> str:
    query = "SELECT id FROM sessions WHERE member_id = :member_id"
    rows = asyncio.run(found(gateway.database_url, query, member_id=person.member_id))
    session_id: str = rows[0][0]
    return session_id


def _version_of(gateway: RunningGateway, file_id: str) -> str:
    query = (
        "SELECT v.id FROM document_versions v JOIN documents d ON d.id = v.document_id "
        "WHERE d.file_id = :file_id ORDER BY v.number DESC"
    )
    rows = asyncio.run(found(gateway.database_url, query, file_id=file_id))
    version_id: str = rows[0][0]
    return version_id


def over(gateway: RunningGateway, person: Person, turn_id: str) -> None:
    """Read a turn to its end, so that nothing writes behind our back."""
    gateway.http.get(f"/v1/turns/{turn_id}/events", headers=person.headers())


def _made(answer: tuple[int, dict[str, str]]) -> str:
    status, body = answer
    assert status in (200, 201), body
    return body["id"]


def _keys(gateway: RunningGateway, keeper: Person) -> dict[str, Person]:
    """Keys of the keeper's: without any scope, of another assistant, and two that are over."""
    second = _made(keeper.post("/v1/assistants", {"name": "Second"}))
    now = datetime.now(UTC)
    kinds = {
        "noscope": Key(scopes=[]),
        "bound": Key(scopes=["chat", "ingest", "read"], assistant_id=second),
        "revoked": Key(scopes=["chat", "ingest", "read", "manage"], revoked_at=now),
        "expired": Key(
            scopes=["chat", "ingest", "read", "manage"], expires_at=now - timedelta(seconds=1)
        ),
    }
    people = {}
    for name, key in kinds.items():
        secret = new_token(KEY_PREFIX)
        key.id, key.name, key.prefix = new_id("key_"), name, KEY_PREFIX
        key.secret_hash, key.origins = token_hash(secret), []
        key.member_id, key.workspace_id = keeper.member_id, keeper.workspace_id
        people[name] = Person(gateway.http, secret, keeper.member_id, keeper.workspace_id)
    asyncio.run(written(gateway.database_url, list(kinds.values())))
    return people


async def _used(database_url: str, people: dict[str, Person], listing: str) -> None:
    """Some have got an answer of the listing: a member, another city's owner, the operator."""
    statement = (
        "INSERT INTO listing_people SELECT id, :member, :workspace, owner_id, now(), now(), 1, 1 "
        "FROM assistants WHERE slug = :listing"
    )
    for name in ("member", "other", "operator"):
        person = people[name]
        ids = {"member": person.member_id, "workspace": person.workspace_id}
        await changed(database_url, statement, listing=listing, **ids)


async def _shut_out(database_url: str, suspended: Person, pending: Person) -> None:
    suspend = "UPDATE members SET suspended_at = now() WHERE id = :id"
    await changed(database_url, suspend, id=suspended.member_id)
    await_letter = "UPDATE members SET pending_since = now() WHERE id = :id"
    await changed(database_url, await_letter, id=pending.member_id)
