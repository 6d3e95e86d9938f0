"""Finds files, as far as their reader may see them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update

from gateway.db import Transaction
from gateway.knowledge.repository.sources import FILES
from gateway.knowledge.tables import Document, DocumentVersion, File
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class FileRepository:
    """Files inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, file: File) -> None:
        """Make it part of this transaction."""
        self._tx.add(file)

    async def lock(self, file_id: str) -> File | None:
        """The file, whosever, held alone until this commit: for the worker that fetched it."""
        query = select(File).where(File.id == file_id, File.deleted_at.is_(None))
        return await self._tx.scalar(query.with_for_update(key_share=True))

    async def seen_by(
        self, asker: Asker, page: PageRequest, purpose: str | None = None
    ) -> Rows[File]:
        """The files of the workspace that the asker may read, or those of one purpose."""
        query = select(File).where(may(asker, Action.SEE, FILES))
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

    async def forget(self, file_ids: Collection[str], now: datetime) -> None:
        """Delete those of the files that no document is made of."""
        is_used = (
            select(Document.id)
            .where(Document.file_id == File.id, Document.deleted_at.is_(None))
            .exists()
        )
        query = update(File).where(File.id.in_(file_ids), File.deleted_at.is_(None), ~is_used)
        await self._tx.execute(query.values(deleted_at=now))

    async def has_versions_to_purge(self, file_id: str) -> bool:
        """Whether some version made of the file still has vectors."""
        query = select(DocumentVersion.id).where(
            DocumentVersion.file_id == file_id, DocumentVersion.purged_at.is_(None)
        )
        return await self._tx.scalar(query.limit(1)) is not None
