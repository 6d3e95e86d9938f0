"""Finds files. Every query names the workspace."""

from collections.abc import Sequence
from enum import Enum

from sqlalchemy import select

from gateway.db import Transaction
from gateway.knowledge.tables import Document, DocumentVersion, File
from gateway.paging import PageRequest, Rows, fetch_page


class Hold(Enum):
    """How a row is held until the commit: beside others who use it, or alone."""

    SHARED = "shared"
    ALONE = "alone"


class FileRepository:
    """Files inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, file: File) -> None:
        """Make it part of this transaction."""
        self._tx.add(file)

    async def find(self, workspace_id: str, file_id: str, hold: Hold | None = None) -> File | None:
        """The file, unless it is another workspace's or deleted."""
        query = select(File).where(
            File.id == file_id, File.workspace_id == workspace_id, File.deleted_at.is_(None)
        )
        if hold is not None:
            query = query.with_for_update(read=hold is Hold.SHARED)
        return await self._tx.scalar(query)

    async def of_workspace(
        self, workspace_id: str, page: PageRequest, purpose: str | None = None
    ) -> Rows[File]:
        """The workspace's files, or those of one purpose."""
        query = select(File).where(File.workspace_id == workspace_id, File.deleted_at.is_(None))
        if purpose is not None:
            query = query.where(File.purpose == purpose)
        return await fetch_page(self._tx, query, File.id, page)

    async def collections_using(self, file_id: str) -> Sequence[str]:
        """The collections that hold the file now."""
        query = (
            select(Document.collection_id)
            .where(Document.file_id == file_id, Document.deleted_at.is_(None))
            .order_by(Document.collection_id)
        )
        return (await self._tx.scalars(query)).all()

    async def has_versions_to_purge(self, file_id: str) -> bool:
        """Whether some version made of the file still has vectors."""
        query = select(DocumentVersion.id).where(
            DocumentVersion.file_id == file_id, DocumentVersion.purged_at.is_(None)
        )
        return await self._tx.scalar(query.limit(1)) is not None
