"""Finds batches, and counts how their files fare. Every query goes through a collection."""

from collections.abc import Sequence

from sqlalchemy import func, select

from contracts.files import FileCounts
from contracts.jobs import Stage
from gateway.db import Transaction
from gateway.knowledge.repository.documents import is_latest
from gateway.knowledge.rules import FINAL_STAGES
from gateway.knowledge.tables import Document, DocumentVersion, FileBatch


class FileBatchRepository:
    """Batches inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, batch: FileBatch) -> None:
        """Make it part of this transaction."""
        self._tx.add(batch)

    async def find(self, collection_id: str, batch_id: str) -> FileBatch | None:
        """A batch of the collection."""
        query = select(FileBatch).where(
            FileBatch.id == batch_id, FileBatch.collection_id == collection_id
        )
        return await self._tx.scalar(query)

    async def counts(self, batch: FileBatch) -> FileCounts:
        """How many files are in which state; those no longer there count as cancelled."""
        query = (
            select(
                func.count(),
                func.count().filter(DocumentVersion.stage == Stage.READY),
                func.count().filter(DocumentVersion.stage == Stage.FAILED),
            )
            .select_from(Document)
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .where(Document.collection_id == batch.collection_id)
            .where(Document.file_id.in_(batch.file_ids))
            .where(Document.deleted_at.is_(None), is_latest())
        )
        there, ready, failed = (await self._tx.execute(query)).one()
        total = len(batch.file_ids)
        return FileCounts(
            in_progress=there - ready - failed,
            completed=ready,
            failed=failed,
            cancelled=total - there,
            total=total,
        )

    async def unfinished(self, batch: FileBatch) -> Sequence[str]:
        """The files of the batch that are still to be read."""
        query = (
            select(Document.file_id)
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .where(Document.collection_id == batch.collection_id)
            .where(Document.file_id.in_(batch.file_ids))
            .where(Document.deleted_at.is_(None), is_latest())
            .where(DocumentVersion.stage.not_in(FINAL_STAGES))
        )
        return (await self._tx.scalars(query)).all()
