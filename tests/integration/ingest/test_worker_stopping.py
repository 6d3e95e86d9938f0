"""SIGTERM in the middle of a document: it is finished in time, or handed back and said so."""

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from contracts.jobs import Stage
from contracts.tasks import INGEST_QUEUE, IngestDocument
from tests.integration.ingest.worker_process import Ingest
from tests.support.engines import valkey_server
from tests.support.neighbours import Gateway, Index
from tests.support.waiting import wait_until

GRACE_SECONDS = 3
LAST_WORDS_SECONDS = 2
BUSY_MACHINE_SECONDS = 30


@pytest.fixture
def broker() -> Iterator[str]:
    with valkey_server() as valkey:
        yield valkey.address()


@pytest.fixture
def ingest(broker: str, gateway: Gateway, index: Index, tmp_path: Path) -> Ingest:
    return Ingest(broker, gateway, index, tmp_path)


@pytest.fixture
def held(index: Index) -> Iterator[threading.Event]:
    """The index lets nothing in until this is set."""
    gate = threading.Event()
    arrived = threading.Event()

    def hold() -> None:
        arrived.set()
        gate.wait(60)

    index.on_batch = hold
    gate.arrived = arrived  # type: ignore[attr-defined]  # what the test waits for
    yield gate
    gate.set()


def _in_the_middle(ingest: Ingest, gateway: Gateway, held: threading.Event) -> str:
    """A document whose first vectors are on their way."""
    version = gateway.upload("rules.txt", b"The mole is closed in storms.")
    ingest.send(IngestDocument(document_version_id=version))
    arrived: threading.Event = held.arrived  # type: ignore[attr-defined]
    wait_until(arrived.is_set, seconds=90, what="the index to be asked")
    return version


def test_a_document_that_is_done_in_time_is_finished(
    ingest: Ingest, gateway: Gateway, held: threading.Event
) -> None:
    with ingest.worker(STOA_STOP_SECONDS="60") as worker:
        version = _in_the_middle(ingest, gateway, held)
        worker.send_signal(signal.SIGTERM)
        wait_until(
            lambda: "Warm shutdown" in ingest.log("worker"), seconds=30, what="the worker to hear"
        )
        held.set()
        status = worker.wait(40)

    assert gateway.records[version].stage is Stage.READY
    assert status == 0


def test_a_document_that_takes_longer_is_handed_back_and_its_message_too(
    ingest: Ingest, gateway: Gateway, held: threading.Event, broker: str
) -> None:
    with ingest.worker(STOA_STOP_SECONDS=str(GRACE_SECONDS)) as worker:
        version = _in_the_middle(ingest, gateway, held)
        told_at = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        worker.wait(40)
        seconds = time.monotonic() - told_at
    with Redis.from_url(broker) as connection:
        waiting = connection.llen(INGEST_QUEUE)

    failure = gateway.records[version].failure
    assert failure is not None
    assert (failure.retry, "stopped" in failure.message) == (True, True)
    assert waiting == 1
    assert seconds < GRACE_SECONDS + LAST_WORDS_SECONDS + BUSY_MACHINE_SECONDS
