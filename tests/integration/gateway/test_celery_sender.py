"""The Celery sender on a real broker: what it writes, and that a broker away never hangs it."""

import json
import time

import pytest
from redis import Redis

from gateway.outbox.sender import BrokerUnavailable, OutgoingTask
from gateway.outbox.sender_celery import CelerySender
from laptop.valkey import ValkeyServer

TASK = OutgoingTask(
    id="out_1",
    name="ingest.document",
    queue="ingest",
    payload={"document_version_id": "dvr_1"},
    expires_seconds=60,
)


async def test_a_task_lies_on_its_queue_as_json(valkey: ValkeyServer) -> None:
    sender = CelerySender(valkey.address())
    await sender.send(TASK)
    await sender.check()
    await sender.close()
    with Redis.from_url(valkey.address()) as broker:
        raw = broker.lpop("ingest")

    assert isinstance(raw, bytes)
    message = json.loads(raw)
    assert message["headers"]["task"] == "ingest.document"
    assert message["headers"]["expires"] is not None
    assert message["content-type"] == "application/json"


async def test_a_broker_that_is_away_is_said_soon() -> None:
    sender = CelerySender("redis://127.0.0.1:9/0")
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        await sender.send(TASK)
    with pytest.raises(BrokerUnavailable):
        await sender.check()
    await sender.close()

    assert time.monotonic() - began < 60
