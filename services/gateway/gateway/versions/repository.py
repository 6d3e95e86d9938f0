"""Reads versions, and the files that belonged to a collection at an epoch."""

from collections.abc import Collection as Ids
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, select

from gateway.assistants.tables import AssistantVersion
from gateway.db import Transaction
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.versions.rules import version_number


class FileAt(NamedTuple):
    """A file as a collection read it at an epoch, or at one of two."""

    file_id: str
    filename: str
    size_bytes: int
    document_version: int
    was_before: bool
    document_id: str


class Counted(NamedTuple):
    """How many files a collection had at an epoch: those that are still there, and deleted ones."""

    alive: int
    deleted: int


class VersionRepository:
    """The versions of assistants that came through the door in the same transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def page(self, assistant_id: str, page: PageRequest) -> Rows[AssistantVersion]:
        """The versions of an assistant; the cursor is the version's number."""
        query = select(AssistantVersion).where(AssistantVersion.assistant_id == assistant_id)
        numbered = replace(page, after=_cursor(page.after), before=_cursor(page.before))
        return await fetch_page(self._tx, query, AssistantVersion.version, numbered)

    async def find(self, assistant_id: str, number: int | None) -> AssistantVersion | None:
        """One version."""
        query = select(AssistantVersion).where(
            AssistantVersion.assistant_id == assistant_id, AssistantVersion.version == number
        )
        return await self._tx.scalar(query)

    async def names(self, collection_ids: Ids[str]) -> dict[str, str]:
        """collection id -> name, of those that its reader was let through to."""
        query = select(Collection.id, Collection.name).where(Collection.id.in_(collection_ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def files_at(self, collection_id: str, epoch: int, most: int) -> Sequence[FileAt]:
        """The first files by name that the collection had at an epoch and still has."""
        query = _files(collection_id, _is_at(epoch)).where(_is_at(epoch))
        rows = await self._tx.execute(query.limit(most))
        return [FileAt(*row) for row in rows]

    async def count_at(self, collection_id: str, epoch: int) -> Counted:
        """How many files the collection had at an epoch."""
        is_alive = Document.deleted_at.is_(None)
        query = (
            select(func.count().filter(is_alive), func.count().filter(~is_alive))
            .select_from(DocumentVersion)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(Document.collection_id == collection_id, _is_at(epoch))
        )
        return Counted(*(await self._tx.execute(query)).one())

    async def changed_files(
        self, collection_id: str, span: tuple[int | None, int | None], most: int
    ) -> Sequence[FileAt]:
        """The readings of files that the collection had at one of two epochs only, by name."""
        was_before, is_after = _is_at(span[0]), _is_at(span[1])
        query = _files(collection_id, was_before).where(was_before != is_after)
        return [FileAt(*row) for row in await self._tx.execute(query.limit(most))]


def _files(
    collection_id: str, was_before: ColumnElement[bool]
) -> Select[str, str, int, int, bool, str]:
    # The file that was read then: the document may be another file's by now.
    return (
        select(
            File.id,
            File.filename,
            File.size_bytes,
            DocumentVersion.number,
            was_before,
            Document.id,
        )
        .join(DocumentVersion, DocumentVersion.file_id == File.id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(Document.collection_id == collection_id, Document.deleted_at.is_(None))
        .order_by(File.filename, File.id, DocumentVersion.number)
    )


def _is_at(epoch: int | None) -> ColumnElement[bool]:
    """Whether a reading was current at an epoch. Epochs are None before a reading is finished."""
    if epoch is None:
        return false()
    begins = func.coalesce(DocumentVersion.from_epoch <= epoch, false())
    return and_(begins, DocumentVersion.until_epoch > epoch)


def _cursor(cursor: str | int | None) -> int | None:
    """A version's number out of a cursor; what is no number is before all versions."""
    return None if cursor is None else version_number(str(cursor)) or 0
