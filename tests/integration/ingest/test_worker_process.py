"""A real worker and a real beat on a real Valkey: documents get ready, crashes are survived."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from contracts.jobs import Stage
from contracts.tasks import INGEST_QUEUE, IngestDocument, PurgeVersion
from ingest.scratch import scratch
from tests.integration.ingest.worker_process import Ingest, children_of, is_alive, mapped_files
from tests.support import documents
from tests.support.engines import valkey_server
from tests.support.models import embedding_model_path
from tests.support.neighbours import Gateway, Index, neighbours
from tests.support.waiting import wait_until

DOCUMENT_SECONDS = 90


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    with valkey_server() as valkey:
        yield valkey.address()


@pytest.fixture
def emptied(broker: str) -> str:
    with Redis.from_url(broker) as connection:
        connection.flushall()
    return broker


@pytest.fixture
def short_leases() -> Iterator[tuple[Gateway, Index]]:
    with neighbours(lease_seconds=4) as both:
        yield both


@pytest.fixture
def ingest(emptied: str, gateway: Gateway, index: Index, tmp_path: Path) -> Ingest:
    return Ingest(emptied, gateway, index, tmp_path)


def test_a_message_makes_its_document_ready_and_is_gone(
    ingest: Ingest, gateway: Gateway, index: Index, emptied: str
) -> None:
    version = gateway.upload("港口章程.pdf", documents.chinese_pdf().content)
    record = gateway.records[version]
    ingest.send(IngestDocument(document_version_id=version))
    with ingest.worker():
        wait_until(lambda: record.is_final, seconds=DOCUMENT_SECONDS, what="the document")
        ingest.send(PurgeVersion(document_version_id=version))
        wait_until(lambda: record.purge_remaining == 0, seconds=DOCUMENT_SECONDS, what="the purge")
        with Redis.from_url(emptied) as connection:
            wait_until(
                lambda: not connection.hlen("unacked"), seconds=10, what="the acknowledgement"
            )
            left = connection.llen(INGEST_QUEUE)

    assert (record.stage, record.failure, index.vectors, left) == (Stage.READY, None, {}, 0)


def test_a_gateway_that_is_away_gets_its_job_claimed_later(
    ingest: Ingest, gateway: Gateway
) -> None:
    version = gateway.upload("rules.txt", b"The mole is closed in storms.")
    gateway.away_for = 1
    ingest.send(IngestDocument(document_version_id=version))
    with ingest.worker():
        wait_until(
            lambda: gateway.records[version].stage is Stage.READY,
            seconds=DOCUMENT_SECONDS,
            what="the second attempt",
        )


def test_a_killed_child_is_replaced_and_its_document_finished_under_a_new_fence(
    emptied: str, short_leases: tuple[Gateway, Index], tmp_path: Path
) -> None:
    gateway, index = short_leases
    ingest = Ingest(emptied, gateway, index, tmp_path)
    version = gateway.upload("rules.md", documents.english_markdown().content)
    record = gateway.records[version]
    with ingest.worker() as worker:
        (child,) = children_of(worker.pid)
        index.on_batch = lambda: os.kill(child, signal.SIGKILL)
        ingest.send(IngestDocument(document_version_id=version))
        wait_until(lambda: not is_alive(child), seconds=DOCUMENT_SECONDS, what="the kill")
        index.on_batch = lambda: None
        wait_until(lambda: not record.is_leased, seconds=30, what="the lease to run out")
        ingest.send(IngestDocument(document_version_id=version))  # as the gateway's sweep does
        wait_until(lambda: record.is_final, seconds=DOCUMENT_SECONDS, what="the second attempt")

    assert (record.stage, record.fence) == (Stage.READY, 2)
    assert set(index.vectors[version]) == {
        f"psg_{version}_{span.index}" for span in record.passages
    }


def test_a_worker_killed_with_its_jail_at_work_leaves_no_process_and_no_document(
    ingest: Ingest, gateway: Gateway, tmp_path: Path
) -> None:
    version = gateway.upload("rules.docx", documents.english_docx().content)
    ingest.send(IngestDocument(document_version_id=version))
    with ingest.worker() as worker:
        (child,) = children_of(worker.pid)
        jails = wait_until(
            lambda: [heir for jail in children_of(child) for heir in (jail, *children_of(jail))],
            seconds=DOCUMENT_SECONDS,
            what="the jail",
        )
        worker.kill()
        worker.wait()
        wait_until(
            lambda: not any(map(is_alive, (child, *jails))), seconds=10, what="all to be gone"
        )
    with scratch(tmp_path / "scratch") as folder:  # whoever comes next
        left = [entry for entry in folder.parent.iterdir() if entry.is_dir()]

    assert left == [folder]


def test_neither_parent_nor_beat_has_torch_loaded_and_the_child_only_after_work(
    ingest: Ingest, gateway: Gateway
) -> None:
    version = gateway.upload("rules.txt", b"The mole is closed in storms.")
    folder = str(embedding_model_path())
    with ingest.worker(INGEST_EMBEDDING_PATH=folder) as worker, ingest.beat() as beat:
        wait_until(lambda: gateway.sweeps, seconds=30, what="beat's first sweep")
        (child,) = children_of(worker.pid)
        idle = "libtorch" in mapped_files(child)
        ingest.send(IngestDocument(document_version_id=version))
        wait_until(
            lambda: gateway.records[version].is_final, seconds=DOCUMENT_SECONDS, what="the document"
        )
        loaded = ["libtorch" in mapped_files(pid) for pid in (worker.pid, beat.pid, child)]

    assert gateway.records[version].stage is Stage.READY
    assert (idle, loaded) == (False, [False, False, True])
