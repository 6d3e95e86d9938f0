"""The gateway for tests: its real app on loopback, real PostgreSQL, a folder of blobs.

    databases = Databases(postgres)                # once a session
    url = databases.fresh()                        # migrated once, emptied for each test
    with running_gateway(url, tmp_path) as gateway:
        ada = gateway.enrol("Ada")                 # a member with a workspace of her own
        status, body = ada.post("/v1/assistants", {"name": "Atlas"})
        gateway.sender.sent                        # what the outbox relay has sent
        gateway.jobs().claim(version, …)           # as the ingest worker

Retrieval and inference are addresses: of nobody, unless a test serves a stand-in.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.accounts import Power
from contracts.clients.jobs import JobsClient
from contracts.ids import new_id
from gateway.accounts.rules import PUBLISHABLE_PREFIX, SESSION_PREFIX, new_token, token_hash
from gateway.accounts.tables import Key, Member, Membership, Session, Workspace
from gateway.adapters.turn_stream_memory import MemoryTurnStream
from gateway.db import Database, Record
from gateway.main import build_app
from gateway.migrate import migrate
from gateway.outbox.sender_memory import MemorySender
from gateway.outside import Outside
from gateway.passwords import Passwords
from gateway.schema import METADATA
from gateway.settings import (
    KnowledgeLimits,
    RateLimits,
    ReconcilingLimits,
    ReplyLimits,
    Settings,
)
from gateway.turn_stream import TurnStream
from gateway.wiring import wire
from laptop.postgres import PostgresServer
from runtime.outgoing import known_authorities, service_client
from runtime.service_auth import ServiceTokens
from runtime.settings import SharedSettings
from tests.support.serving import served

SERVICE_SECRET = "a service secret that only tests know"
NOBODY = "http://127.0.0.1:9"
PASSWORD = "colonnade-in-the-shade"
GENEROUS = RateLimits(
    requests_per_minute=100_000,
    tokens_per_minute=100_000_000,
    workspace_requests_per_minute=100_000,
    workspace_tokens_per_minute=100_000_000,
    address_requests_per_minute=100_000,
    address_tokens_per_minute=100_000_000,
)
"""Tests ask faster than people; those of the limits bring their own."""
PASSWORDS = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Argon2id as in life, but cheap: tests sign in often."""


@dataclass
class Databases:
    """A database with the newest schema, emptied for each test: far cheaper than a new one."""

    postgres: PostgresServer
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _migrated: str = ""

    def fresh(self) -> str:
        """The address of the database, without a single row."""
        if not self._migrated:
            self._migrated = self.empty()
            asyncio.run(migrate(self._migrated))
        else:
            asyncio.run(self._clear(self._migrated))
        return self._migrated

    def empty(self) -> str:
        """The address of a new database without any table."""
        name = f"test_{next(self._numbers)}"
        asyncio.run(self._run(self.postgres.address(), f"CREATE DATABASE {name}"))
        return self.postgres.address(database=name)

    async def _clear(self, database_url: str) -> None:
        # A conversation knows its last message and a message its turn: children go first.
        tables = [table.name for table in reversed(METADATA.sorted_tables)]
        # The audit trail lets no row go; a replica's rules leave that, and the order, aside.
        await self._run(
            database_url,
            "SET session_replication_role = replica",
            *(f"DELETE FROM {name}" for name in tables),  # noqa: S608
        )

    async def _run(self, database_url: str, *statements: str) -> None:
        engine = create_async_engine(database_url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()


@dataclass
class SetClock:
    """A clock that runs, and that a test moves."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@dataclass
class Person:
    """Somebody with a session or a key. Answers are (status, body); of an error its inside."""

    http: httpx2.Client
    token: str
    member_id: str = ""
    workspace_id: str = ""
    origin: str = ""
    """The web site whose page asks; empty: a program."""

    def get(self, path: str, **params: Any) -> tuple[int, Any]:
        return self._send("GET", path, params=params)

    def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return self._send("POST", path, json=body)

    def put(self, path: str, body: Any) -> tuple[int, Any]:
        return self._send("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> tuple[int, Any]:
        return self._send("PATCH", path, json=body)

    def delete(self, path: str) -> tuple[int, Any]:
        return self._send("DELETE", path)

    def upload(
        self,
        filename: str,
        content: bytes,
        purpose: str = "assistants",
        path: str = "/v1/files",
    ) -> tuple[int, Any]:
        return self._send(
            "POST", path, data={"purpose": purpose}, files={"file": (filename, content)}
        )

    def send_avatar(self, assistant_id: str, content: bytes) -> tuple[int, Any]:
        return self._send("PUT", f"/v1/assistants/{assistant_id}/avatar", content=content)

    def headers(self) -> dict[str, str]:
        origin = {"origin": self.origin} if self.origin else {}
        return {"authorization": f"Bearer {self.token}"} | origin

    def _send(self, method: str, path: str, **what: Any) -> tuple[int, Any]:
        answer = self.http.request(method, path, headers=self.headers(), **what)
        body = answer.json()
        return answer.status_code, body["error"] if answer.is_error else body


@dataclass
class RunningGateway:
    """The gateway's app on loopback, and the things behind it."""

    address: str
    database_url: str
    settings: Settings
    sender: MemorySender
    turn_stream: TurnStream
    clock: SetClock
    http: httpx2.Client

    def enrol(
        self,
        name: str,
        *,
        power: Power = Power.OWNER,
        beside: "Person | None" = None,
        is_operator: bool = False,
    ) -> Person:
        """A member with a session, in a workspace of their own or beside somebody."""
        member = Member(
            id=new_id("mem_"),
            email=f"{name.lower()}@example.org",
            name=name,
            password_hash=PASSWORDS.hash(PASSWORD),
            is_operator=is_operator,
        )
        workspace_id = beside.workspace_id if beside is not None else new_id("wsp_")
        token = new_token(SESSION_PREFIX)
        rows: list[Record] = [
            Membership(workspace_id=workspace_id, member_id=member.id, power=power),
            Session(
                id=new_id("ses_"),
                token_hash=token_hash(token),
                member_id=member.id,
                workspace_id=workspace_id,
                expires_at=self.clock() + timedelta(days=365),
            ),
        ]
        first: list[Record] = [member]
        if beside is None:
            first.append(Workspace(id=workspace_id, name=name))
        asyncio.run(written(self.database_url, first, rows))
        return Person(self.http, token, member.id, workspace_id)

    def with_key(self, person: Person, *scopes: str, **more: Any) -> Person:
        """The same person with a key of these scopes; `more`: an assistant, origins, an expiry."""
        status, key = person.post("/v1/keys", {"name": "test", "scopes": list(scopes), **more})
        assert status == 201, key
        return Person(self.http, key["key"], person.member_id, person.workspace_id)

    def with_page_key(
        self, person: Person, assistant: str, site: str = "https://shop.example"
    ) -> Person:
        """Whoever opens a page of a web site with a publishable key of this person's, also where
        no guests are admitted."""
        _, shown = person.get(f"/v1/assistants/{assistant}")
        secret = new_token(PUBLISHABLE_PREFIX)
        key = Key(
            id=new_id("key_"),
            secret_hash=token_hash(secret),
            prefix=secret[:14],
            name="page",
            scopes=["chat"],
            member_id=person.member_id,
            workspace_id=person.workspace_id,
            assistant_id=shown["id"],
            origins=[site],
            kind="publishable",
            publishable_key=secret,
            visitor_answers=1_000,
            answers=1_000,
        )
        asyncio.run(written(self.database_url, [key]))
        return Person(self.http, secret, person.member_id, person.workspace_id, site)

    def jobs(self) -> JobsClient:
        """The job API as the ingest worker calls it."""
        tokens = ServiceTokens(SERVICE_SECRET.encode(), "ingest")
        return JobsClient(self.http, partial(tokens.sign, "gateway"))


async def changed(database_url: str, statement: str, **values: Any) -> None:
    """Run one statement, for what no route does yet."""
    database = Database(database_url, pool_size=1)
    try:
        async with database.transaction() as tx:
            await tx.execute(text(statement), values)
    finally:
        await database.close()


async def found(database_url: str, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, to look behind the API."""
    database = Database(database_url, pool_size=1)
    async with database.transaction() as tx:
        rows = [tuple(row) for row in await tx.execute(text(query), values)]
    await database.close()
    return rows


async def written(database_url: str, *batches: list[Record]) -> None:
    """Write rows, batch after batch."""
    database = Database(database_url, pool_size=1)
    async with database.transaction() as tx:
        for batch in batches:
            tx.add_all(batch)
            await tx.flush()
    await database.close()


def gateway_settings(
    database_url: str,
    folder: Path,
    *,
    knowledge: KnowledgeLimits | None = None,
    replies: ReplyLimits | None = None,
    limits: RateLimits = GENEROUS,
    **others: Any,
) -> Settings:
    """Settings for a test; `others` are fields of Settings. No night falls unasked."""
    others.setdefault("reconciling", ReconcilingLimits(hour_utc=None))
    return Settings(
        database_url=SecretStr(database_url),
        blobs_url=f"file://{folder / 'blobs'}",
        knowledge=knowledge or KnowledgeLimits(),
        replies=replies or ReplyLimits(),
        limits=limits,
        shared=SharedSettings(home=folder, service_secret=SecretStr(SERVICE_SECRET)),
        **others,
    )


@contextmanager
def running_gateway(
    database_url: str,
    folder: Path,
    *,
    retrieval_url: str = NOBODY,
    inference_url: str = NOBODY,
    turn_stream: TurnStream | None = None,
    settings: Settings | None = None,
    sender: MemorySender | None = None,
) -> Iterator[RunningGateway]:
    """Serve the gateway until the block ends.

    `sender`: where its relay sends tasks. Gateways over one database empty one outbox, so a test
    that looks at what was sent gives them one sender, as one broker stands behind them in life.
    """
    settings = settings or gateway_settings(database_url, folder)
    sender, clock = sender or MemorySender(), SetClock()
    stream = turn_stream or MemoryTurnStream()

    @asynccontextmanager
    async def outside() -> AsyncIterator[Outside]:
        async with (
            service_client(retrieval_url, timeout=30) as retrieval,
            service_client(inference_url, timeout=60) as inference,
        ):
            yield Outside(sender, stream, retrieval, inference)

    wiring = partial(wire, settings, outside=outside(), passwords=Passwords(PASSWORDS), clock=clock)
    with (
        served(build_app(settings, wiring)) as address,
        httpx2.Client(base_url=address, timeout=60, verify=known_authorities()) as http,
    ):
        yield RunningGateway(address, database_url, settings, sender, stream, clock, http)
