"""Ready versions put back into the index from their rows, by a worker: asked for, told, closed."""

from datetime import datetime, timedelta

from contracts.jobs import ReindexJob, Stage, StoredPassage
from contracts.passages import EmbeddingStamp
from contracts.tasks import ReindexVersion
from gateway.db import Database, Transaction
from gateway.knowledge.errors import JobNotFound
from gateway.knowledge.repository.jobs import JobRepository, JobSource
from gateway.knowledge.service.holding import existing
from gateway.knowledge.tables import DocumentVersion
from gateway.outbox.service import Outbox

REINDEX_PATIENCE = timedelta(minutes=30)


class ReindexService:
    """What the index should hold of a version, and that it does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def job(self, version_id: str) -> ReindexJob:
        """What to put back. Raises JobNotFound for a version that is not ready, or deleted."""
        async with self._database.transaction() as tx:
            version = await existing(tx, version_id)
            source = await JobRepository(tx).source(version)
            from_epoch = _needed_from(version, source)
            rows = await JobRepository(tx).passages_of(version_id)
            return ReindexJob(
                document_version_id=version_id,
                document_id=version.document_id,
                collection_id=source.document.collection_id,
                workspace_id=version.workspace_id,
                from_epoch=from_epoch,
                until_epoch=version.until_epoch,
                passages=[
                    StoredPassage(
                        passage_id=row.id, index=row.index, header=row.header, text=row.text
                    )
                    for row in rows
                ],
            )

    async def done(self, version_id: str, stamp: EmbeddingStamp) -> None:
        """The index holds the version. Raises JobNotFound when nobody needs it any more."""
        async with self._database.transaction() as tx:
            version = await existing(tx, version_id)
            _needed_from(version, await JobRepository(tx).source(version))
            version.stamp = stamp.model_dump()
            version.lease_until = None


def ask_for_reindex(tx: Transaction, version: DocumentVersion, now: datetime) -> None:
    """Have a version put back; asked again by the sweep if no report comes."""
    version.stamp = None
    version.lease_until = now + REINDEX_PATIENCE
    Outbox(tx).put(ReindexVersion(document_version_id=version.id))


def _needed_from(version: DocumentVersion, source: JobSource) -> int:
    is_deleted = source.document.deleted_at is not None or version.purged_at is not None
    if is_deleted or version.stage != Stage.READY or version.from_epoch is None:
        raise JobNotFound(f"Document version {version.id} has no place in the index.")
    return version.from_epoch
