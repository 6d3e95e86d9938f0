"""Finds what a restored database names and the rest of the installation may not have."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from contracts.jobs import Stage
from gateway.db import Transaction
from gateway.knowledge.rules import FINAL_STAGES
from gateway.knowledge.tables import Document, DocumentVersion, File, PagePicture


class RestoredRepository:
    """All workspaces at once: for nobody but a restore."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def files(self, file_ids: Sequence[str]) -> Sequence[File]:
        """Files that are not deleted."""
        query = select(File).where(File.id.in_(file_ids), File.deleted_at.is_(None))
        return (await self._tx.scalars(query)).all()

    async def documents(self, document_ids: Sequence[str]) -> Sequence[Document]:
        """Documents that are not deleted."""
        query = select(Document).where(Document.id.in_(document_ids), Document.deleted_at.is_(None))
        return (await self._tx.scalars(query)).all()

    async def forget_texts(self, version_ids: Sequence[str]) -> None:
        """These versions have no text: it was being replaced."""
        await self._tx.execute(
            update(DocumentVersion)
            .where(DocumentVersion.id.in_(version_ids))
            .values(text_blob_key=None)
        )

    async def forget_pictures(self, blob_keys: Sequence[str]) -> None:
        """There are no such pictures."""
        await self._tx.execute(delete(PagePicture).where(PagePicture.blob_key.in_(blob_keys)))

    async def unfinished(self) -> Sequence[DocumentVersion]:
        """Versions whose reading had not ended."""
        query = select(DocumentVersion).where(DocumentVersion.stage.not_in(list(FINAL_STAGES)))
        return (await self._tx.scalars(query)).all()

    async def ready(self) -> Sequence[DocumentVersion]:
        """Versions that belong into the index."""
        query = (
            select(DocumentVersion)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(DocumentVersion.stage == Stage.READY, DocumentVersion.purged_at.is_(None))
            .where(DocumentVersion.from_epoch.is_not(None), Document.deleted_at.is_(None))
            .order_by(DocumentVersion.id)
        )
        return (await self._tx.scalars(query)).all()

    async def purged(self) -> Sequence[DocumentVersion]:
        """Versions whose vectors are gone, though an older copy of the index may have them."""
        query = select(DocumentVersion).where(DocumentVersion.purged_at.is_not(None))
        return (await self._tx.scalars(query)).all()
