"""Where these tests happen, and how documents get there: by the real job API, without a worker."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import CursorResult, text

from contracts.clients.jobs import JobsClient
from contracts.clients.retrieval import IndexClient
from contracts.conversations import TurnEvent
from contracts.jobs import (
    ClaimRequest,
    FinishRequest,
    PassageSpan,
    PassagesUpload,
    ReadyReport,
    TextUpload,
)
from contracts.passages import PassageBatch, Reveal
from contracts.principal import Principal
from embedding.adapters.embedder_hashing import HashingEmbedder
from embedding.port import read_tokens
from gateway.accounts.rules import SESSION_PREFIX, new_token, token_hash
from gateway.adapters.blobs_folder import FolderBlobs
from gateway.adapters.turn_stream_valkey import ValkeyTurnStream
from gateway.conversations.service.ending import ConversationSweeper
from gateway.db import Database
from gateway.outbox.service import Bell
from gateway.settings import ConversationLimits, Settings
from ingest.indexed import Indexed, stamp_of, vectors_of
from runtime.outgoing import known_authorities
from runtime.service_auth import ServiceTokens
from runtime.settings import SharedSettings

HANDBOOK = (
    "Annual leave is 25 days a year for full-time staff.",
    "Travel expenses are repaid within 30 days when receipts are handed in.",
    "A lost laptop is reported to the security desk within four hours.",
)
HANDBOOK_ZH = ("全职员工每年享有25天年假。", "出租车费仅在22:00至6:00之间报销。")


@dataclass(frozen=True)
class Place:
    """Addresses of everything."""

    gateway: str
    retrieval: str
    inference: str
    database: str
    shared: SharedSettings
    settings: Settings
    blobs: Path = Path()

    def rows(self, query: str, **values: Any) -> Sequence[Any]:
        """Rows of the gateway's database."""
        return asyncio.run(self._rows(query, values))

    async def _rows(self, query: str, values: dict[str, Any]) -> Sequence[Any]:
        database = Database(self.database)
        try:
            async with database.transaction() as tx:
                result = await tx.execute(text(query), values)
                is_answered = isinstance(result, CursorResult) and result.returns_rows
                return result.mappings().all() if is_answered else []
        finally:
            await database.close()

    def swept(self) -> None:
        """Erase what is over, as each gateway does every minute."""
        asyncio.run(self._swept())

    async def _swept(self) -> None:
        database, stream = Database(self.database), self._stream()
        try:
            sweeper = ConversationSweeper(
                database, stream, FolderBlobs(self.blobs), Bell(), ConversationLimits()
            )
            while await sweeper.sweep():
                pass
        finally:
            await database.close()
            await stream.close()

    def told(self, turn_id: str) -> list[TurnEvent]:
        """What the stream of a turn holds."""
        return asyncio.run(self._told(turn_id))

    async def _told(self, turn_id: str) -> list[TurnEvent]:
        stream = self._stream()
        try:
            return await stream.read(turn_id, 0, 0.01)
        finally:
            await stream.close()

    def _stream(self) -> ValkeyTurnStream:
        assert self.shared.redis_url is not None
        return ValkeyTurnStream(str(self.shared.redis_url))

    def ledger(self, request_id: str) -> Sequence[Any]:
        """The ledger rows of one call."""
        return self.rows("SELECT * FROM ledger WHERE request_id = :id", id=request_id)


@dataclass(frozen=True)
class Shelf:
    """A collection and what lies on it."""

    collection_id: str
    workspace_id: str


def signed_in_member(place: Place, name: str) -> httpx2.Client:
    """A client with the session of a new member, owner of a new workspace."""
    token, now = new_token(SESSION_PREFIX), datetime.now(UTC)
    ids = {"member": f"mem_{name}", "workspace": f"ws_{name}"}
    for query in (
        "INSERT INTO workspaces (id, name) VALUES (:workspace, :workspace)",
        "INSERT INTO members (id, email, name, password_hash, is_operator)"
        " VALUES (:member, :member || '@example.org', :member, 'x', false)",
        "INSERT INTO memberships (workspace_id, member_id, power)"
        " VALUES (:workspace, :member, 'owner')",
    ):
        place.rows(query, **{key: ids[key] for key in ids if f":{key}" in query})
    place.rows(
        "INSERT INTO sessions (id, token_hash, member_id, workspace_id, expires_at)"
        " VALUES (:id, :hash, :member, :workspace, :until)",
        id=f"ses_{secrets.token_hex(8)}",
        hash=token_hash(token),
        until=now + timedelta(hours=1),
        **ids,
    )
    return httpx2.Client(
        base_url=place.gateway, headers={"authorization": f"Bearer {token}"}, timeout=30
    )


def builder_of(place: Place, person: httpx2.Client) -> Shelf:
    """A collection with the handbook in English and Chinese, ready to be asked."""
    made = person.post("/v1/vector_stores", json={"name": "Rules"})
    assert made.status_code in (200, 201), made.text
    collection_id = made.json()["id"]
    me = person.get("/v1/me").json()
    shelf = Shelf(collection_id, me["workspace"]["id"])
    put_on(place, person, shelf, "handbook.md", HANDBOOK)
    put_on(place, person, shelf, "handbook-zh.md", HANDBOOK_ZH)
    return shelf


def put_on(
    place: Place, person: httpx2.Client, shelf: Shelf, filename: str, passages: Sequence[str]
) -> None:
    """Upload a document and do the worker's part, one passage a paragraph."""
    whole = "\n\n".join(passages)
    upload = person.post(
        "/v1/files",
        data={"purpose": "assistants"},
        files={"file": (filename, whole.encode(), "text/markdown")},
    )
    assert upload.status_code in (200, 201), upload.text
    file_id = upload.json()["id"]
    attached = person.post(
        f"/v1/vector_stores/{shelf.collection_id}/files", json={"file_id": file_id}
    )
    assert attached.status_code in (200, 201), attached.text
    (row,) = place.rows("SELECT id FROM document_versions WHERE file_id = :id", id=file_id)
    index_version(place, shelf, row["id"], filename, passages)


def index_version(
    place: Place,
    shelf: Shelf,
    version_id: str,
    filename: str,
    passages: Sequence[str],
    *,
    is_found: bool = True,
) -> None:
    """The worker's part: a version becomes ready, one passage a paragraph, which searches find
    or not."""
    tokens = ServiceTokens(place.shared.service_key(), "ingest")
    with (
        httpx2.Client(base_url=place.gateway, timeout=30, verify=known_authorities()) as to_gateway,
        httpx2.Client(
            base_url=place.retrieval, timeout=30, verify=known_authorities()
        ) as to_retrieval,
    ):
        jobs = JobsClient(to_gateway, partial(tokens.sign, "gateway"))
        index = IndexClient(to_retrieval, partial(tokens.sign, "retrieval"))
        job = jobs.claim(version_id, ClaimRequest(worker="test"))
        whole = "\n\n".join(passages)
        jobs.put_text(version_id, TextUpload(fence=job.fence, title=filename, text=whole))
        starts = [whole.index(passage) for passage in passages]
        spans = [
            PassageSpan(index=number, start=start, end=start + len(passage), page=number + 1)
            for number, (start, passage) in enumerate(zip(starts, passages, strict=True))
        ]
        upload = PassagesUpload(fence=job.fence, passages=spans)
        ids = jobs.put_passages(version_id, upload).ids
        embedder = HashingEmbedder()
        writer = Principal(workspace_id=shelf.workspace_id, write=True)
        indexed = [
            Indexed(passage_id, number, "", passage)
            for number, (passage_id, passage) in enumerate(zip(ids, passages, strict=True))
        ]
        batch = PassageBatch(
            stamp=stamp_of(embedder),
            collection_id=shelf.collection_id,
            document_id=job.document_id,
            document_version_id=version_id,
            passages=vectors_of(embedder, indexed),
        )
        if is_found:
            index.put(writer, batch)
        read = read_tokens(embedder, [passage.whole for passage in indexed])
        finish = FinishRequest(fence=job.fence, stamp=stamp_of(embedder), tokens=read)
        finished = jobs.finish(version_id, finish)
        index.reveal(writer, Reveal(document_version_id=version_id, from_epoch=finished.from_epoch))
        jobs.ready(version_id, ReadyReport(fence=job.fence))
