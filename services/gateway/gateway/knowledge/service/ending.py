"""How an attempt at a job ends without success: queued again, or given up."""

from datetime import datetime, timedelta

from contracts.jobs import Stage
from contracts.passages import FOREVER
from contracts.tasks import IngestDocument
from gateway.db import Transaction
from gateway.knowledge.repository.documents import DocumentRepository
from gateway.knowledge.repository.jobs import JobRepository
from gateway.knowledge.service.hiding import ask_for_purge
from gateway.knowledge.tables import DocumentVersion
from gateway.outbox.service import Outbox


def requeue(
    tx: Transaction, version: DocumentVersion, not_before: datetime, unclaimed_seconds: int
) -> None:
    """Queue the job again. The fence grows, so that a worker thought lost cannot write any more."""
    version.stage = Stage.QUEUED
    version.stage_done = version.stage_total = 0
    version.fence += 1
    version.worker = None
    version.lease_until = not_before + timedelta(seconds=unclaimed_seconds)
    Outbox(tx).put(IngestDocument(document_version_id=version.id), not_before)


async def fail(
    tx: Transaction, version: DocumentVersion, code: str, message: str, now: datetime
) -> None:
    """Give up: what the version replaced counts again, and its own vectors are purged."""
    repository = JobRepository(tx)
    if version.from_epoch is not None:
        await _bring_back(repository, version)
    await DocumentRepository(tx).drop_passages([version.id])
    version.from_epoch = None
    version.stage = Stage.FAILED
    version.error_code, version.error_message = code, message
    version.worker = None
    ask_for_purge(tx, version, now)


async def _bring_back(repository: JobRepository, version: DocumentVersion) -> None:
    if version.replaces_version_id is None:
        return
    replaced = await repository.lock(version.replaces_version_id)
    if replaced is not None and replaced.until_epoch == version.from_epoch:
        await repository.set_epochs(replaced, from_epoch=replaced.from_epoch, until_epoch=FOREVER)
