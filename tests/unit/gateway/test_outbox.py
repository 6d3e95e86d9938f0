"""The outbox: a message leaves if, and only if, its commit came."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.tasks import IngestDocument
from gateway.db import Database
from gateway.outbox.sender import BrokerUnavailable
from gateway.outbox.sender_memory import MemorySender
from gateway.outbox.service import Bell, Outbox, OutboxRelay
from tests.support.gateway import found
from tests.support.waiting import eventually

MESSAGE = IngestDocument(document_version_id="dvr_1")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def broker() -> MemorySender:
    return MemorySender()


@pytest.fixture
def relay(database: Database, broker: MemorySender) -> OutboxRelay:
    return OutboxRelay(database, broker, Bell())


class ChangedMind(Exception):
    """Somebody rolls back."""


async def _put(database: Database, count: int = 1, but: Exception | None = None) -> None:
    async with database.transaction() as tx:
        for _ in range(count):
            Outbox(tx).put(MESSAGE)
        if but is not None:
            raise but


async def test_a_commit_sends_and_sends_once(
    database: Database, broker: MemorySender, relay: OutboxRelay
) -> None:
    await _put(database)
    sent = [await relay.send_due(), await relay.send_due()]

    assert sent == [1, 0]
    assert [(task.name, task.queue, task.payload) for task in broker.sent] == [
        ("ingest.document", "ingest", {"document_version_id": "dvr_1"})
    ]
    assert broker.sent[0].expires_seconds == IngestDocument.expires_seconds


async def test_a_rollback_sends_nothing(
    database: Database, broker: MemorySender, relay: OutboxRelay
) -> None:
    with pytest.raises(ChangedMind):
        await _put(database, but=ChangedMind())
    await relay.send_due()

    assert broker.sent == []


async def test_a_broker_that_is_away_loses_nothing(
    database: Database, database_url: str, broker: MemorySender, relay: OutboxRelay
) -> None:
    broker.is_up = False
    await _put(database, 2)
    with pytest.raises(BrokerUnavailable):
        await relay.send_due()
    waiting = await found(database_url, "SELECT attempts, sent_at FROM outbox ORDER BY attempts")
    broker.is_up = True
    await relay.send_due()

    assert waiting == [(0, None), (1, None)]
    assert len(broker.sent) == 2


async def test_two_relays_share_the_work(database: Database, broker: MemorySender) -> None:
    await _put(database, 120)
    relays = [OutboxRelay(database, broker, Bell()) for _ in range(3)]
    while sum(await asyncio.gather(*(relay.send_due() for relay in relays))):
        pass

    assert len(broker.sent) == 120
    assert len({task.id for task in broker.sent}) == 120


async def test_the_bell_wakes_a_running_relay(database: Database, broker: MemorySender) -> None:
    bell = Bell()

    async def has_sent() -> bool:
        return bool(broker.sent)

    async with asyncio.TaskGroup() as group:
        running = group.create_task(OutboxRelay(database, broker, bell).run())
        await _put(database)
        bell.ring()
        await eventually(has_sent, seconds=20, what="a message")
        running.cancel()

    assert len(broker.sent) == 1
