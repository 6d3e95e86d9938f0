"""Finds documents with their latest version. Every query goes through a collection."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import aliased

from contracts.vector_search import Filter
from gateway.db import Transaction
from gateway.knowledge.repository.attribute_filters import matches
from gateway.knowledge.tables import Document, DocumentVersion, File, Passage
from gateway.paging import PageRequest, Rows, fetch_page


class Shown(NamedTuple):
    """A document as people see it: with its latest version and its file."""

    document: Document
    version: DocumentVersion
    file: File
    passage_count: int


class Only(NamedTuple):
    """Which documents of a collection a list shows; None: whichever."""

    file_ids: Sequence[str] | None = None
    stages: Collection[str] | None = None


EVERYTHING = Only()


def is_latest() -> ColumnElement[bool]:
    """Whether the joined version is its document's newest."""
    other = aliased(DocumentVersion)
    newest = select(func.max(other.number)).where(other.document_id == Document.id)
    return DocumentVersion.number == newest.scalar_subquery()


class DocumentRepository:
    """Documents inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, row: Document | DocumentVersion) -> None:
        """Make it part of this transaction."""
        self._tx.add(row)

    async def flush(self) -> None:
        """Send what was added, so that later rows can refer to it."""
        await self._tx.flush()

    async def find(self, collection_id: str, file_id: str) -> Shown | None:
        """The document of a file in a collection, unless deleted."""
        query = _shown().where(Document.collection_id == collection_id, Document.file_id == file_id)
        row = (await self._tx.execute(query)).first()
        return None if row is None else Shown(*row)

    async def page(self, collection_id: str, source_url: str) -> Shown | None:
        """The document of a web page in a collection, unless deleted."""
        query = _shown().where(
            Document.collection_id == collection_id, File.source_url == source_url
        )
        row = (await self._tx.execute(query.order_by(Document.id).limit(1))).first()
        return None if row is None else Shown(*row)

    async def of_collection(
        self, collection_id: str, page: PageRequest, only: Only = EVERYTHING
    ) -> Rows[Shown]:
        """The documents of a collection; the cursor is the file's id."""
        query = select(Document).where(
            Document.collection_id == collection_id, Document.deleted_at.is_(None)
        )
        if only.file_ids is not None:
            query = query.where(Document.file_id.in_(only.file_ids))
        if only.stages is not None:
            query = query.join(DocumentVersion, DocumentVersion.document_id == Document.id)
            query = query.where(is_latest(), DocumentVersion.stage.in_(only.stages))
        rows = await fetch_page(self._tx, query, Document.file_id, page)
        wanted = [document.id for document in rows.rows]
        shown = {
            row[0].id: Shown(*row)
            for row in await self._tx.execute(_shown().where(Document.id.in_(wanted)))
        }
        return Rows([shown[document_id] for document_id in wanted], rows.has_more)

    async def current_versions(
        self, collection_id: str, wanted: Filter
    ) -> dict[str, dict[str, Any]]:
        """version id -> attributes, of the documents whose attributes satisfy a filter."""
        query = _current(collection_id).where(matches(wanted))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def attributes_of(
        self, collection_id: str, version_ids: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """version id -> attributes of its document."""
        query = _current(collection_id).where(DocumentVersion.id.in_(version_ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def alive_in(
        self, collection_id: str, file_ids: Sequence[str] | None = None
    ) -> Sequence[Document]:
        """The documents of a collection, held until this commit."""
        query = select(Document).where(
            Document.collection_id == collection_id, Document.deleted_at.is_(None)
        )
        if file_ids is not None:
            query = query.where(Document.file_id.in_(file_ids))
        query = query.order_by(Document.id).with_for_update(key_share=True)
        return (await self._tx.scalars(query)).all()

    async def replaced(self, file_id: str) -> Sequence[Document]:
        """The documents that were read of the file and are another file's now."""
        is_former = (
            select(DocumentVersion.id)
            .where(DocumentVersion.document_id == Document.id, DocumentVersion.file_id == file_id)
            .exists()
        )
        query = select(Document).where(
            Document.file_id != file_id, Document.deleted_at.is_(None), is_former
        )
        return (await self._tx.scalars(query.order_by(Document.collection_id))).all()

    async def versions_of(self, document_ids: Sequence[str]) -> Sequence[DocumentVersion]:
        """All versions of documents, held until this commit."""
        query = (
            select(DocumentVersion)
            .where(DocumentVersion.document_id.in_(document_ids))
            .order_by(DocumentVersion.id)
            .with_for_update(key_share=True)
        )
        return (await self._tx.scalars(query)).all()

    async def drop_passages(self, version_ids: Sequence[str]) -> None:
        """Forget the passages of versions: from this commit on nobody can load them."""
        await self._tx.execute(delete(Passage).where(Passage.document_version_id.in_(version_ids)))


def _current(collection_id: str) -> Select[str, dict[str, Any]]:
    return (
        select(DocumentVersion.id, Document.attributes)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(Document.collection_id == collection_id, Document.deleted_at.is_(None))
        .where(DocumentVersion.number == Document.current_version)
    )


def _shown() -> Select[Document, DocumentVersion, File, int]:
    count = (
        select(func.count())
        .where(Passage.document_version_id == DocumentVersion.id)
        .scalar_subquery()
    )
    return (
        select(Document, DocumentVersion, File, count)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .join(File, File.id == Document.file_id)
        .where(Document.deleted_at.is_(None), is_latest())
        # A version may have moved on since this session saw it, as when progress is watched.
        .execution_options(populate_existing=True)
    )
