"""Finds the files of one assistant: those in its draft's collections."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import and_, or_, select

from gateway.db import Transaction
from gateway.knowledge.repository.documents import is_latest
from gateway.knowledge.tables import Document, DocumentVersion, File
from gateway.paging import PageRequest, Rows, fetch_page


class Held(NamedTuple):
    """A file in a collection, with its newest reading."""

    file: File
    document: Document
    version: DocumentVersion


class AssistantFileRepository:
    """An assistant's files inside one transaction. Every query names its collections."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def page(self, collection_ids: Sequence[str], page: PageRequest) -> Rows[Held]:
        """The files of some collections; one that is in several counts once."""
        held = select(Document.file_id).where(
            Document.collection_id.in_(collection_ids), Document.deleted_at.is_(None)
        )
        query = select(File).where(File.id.in_(held), File.deleted_at.is_(None))
        rows = await fetch_page(self._tx, query, File.id, page)
        found = await self.held(collection_ids, [file.id for file in rows.rows])
        first = {each.file.id: each for each in reversed(found)}
        return Rows([first[file.id] for file in rows.rows if file.id in first], rows.has_more)

    async def held(self, collection_ids: Sequence[str], file_ids: Sequence[str]) -> list[Held]:
        """The files as they lie in the collections, in the order of the collections."""
        query = (
            select(File, Document, DocumentVersion)
            .join(Document, Document.file_id == File.id)
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .where(Document.collection_id.in_(collection_ids), File.id.in_(file_ids))
            .where(Document.deleted_at.is_(None), File.deleted_at.is_(None), is_latest())
        )
        found = [Held(*row) for row in await self._tx.execute(query)]
        return sorted(found, key=lambda each: collection_ids.index(each.document.collection_id))

    async def published(self, epochs: Mapping[str, int], file_ids: Sequence[str]) -> set[str]:
        """Those of the files that are read at these epochs of their collections."""
        if not epochs:
            return set()
        is_read = [
            and_(
                Document.collection_id == collection_id,
                DocumentVersion.from_epoch <= epoch,
                DocumentVersion.until_epoch > epoch,
            )
            for collection_id, epoch in epochs.items()
        ]
        query = (
            select(Document.file_id)
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .where(Document.file_id.in_(file_ids), Document.deleted_at.is_(None), or_(*is_read))
        )
        return set(await self._tx.scalars(query))
