"""The files and versions that go into a bundle."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select

from gateway.assistants.tables import AssistantVersion
from gateway.db import Transaction
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File


class Held(NamedTuple):
    """A file of a collection, with what the collection says about it."""

    file: File
    attributes: dict[str, Any]


class BundleRepository:
    """What an assistant consists of, after it came through the door in the same transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def versions(self, assistant_id: str, most: int) -> Sequence[AssistantVersion]:
        """The newest versions, the oldest of them first."""
        query = select(AssistantVersion).where(AssistantVersion.assistant_id == assistant_id)
        newest = query.order_by(AssistantVersion.version.desc()).limit(most)
        return (await self._tx.scalars(newest)).all()[::-1]

    async def collections(self, collection_ids: set[str]) -> Sequence[Collection]:
        """The collections that its reader was let through to."""
        query = select(Collection).where(Collection.id.in_(collection_ids))
        return (await self._tx.scalars(query.order_by(Collection.id))).all()

    async def held(self, collection_id: str, epoch: int | None, most: int) -> Sequence[Held]:
        """The files of a collection, as they are (None) or at an epoch, in the order they came.

        Web pages that were never fetched have no bytes, and are not among them.
        """
        query = select(File, Document.attributes)
        if epoch is None:
            query = query.join(Document, Document.file_id == File.id)
        else:
            # The file that was read then: another one may have replaced it.
            is_at = and_(DocumentVersion.from_epoch <= epoch, DocumentVersion.until_epoch > epoch)
            query = query.join(DocumentVersion, DocumentVersion.file_id == File.id).where(is_at)
            query = query.join(Document, Document.id == DocumentVersion.document_id)
        query = query.where(
            Document.collection_id == collection_id,
            Document.deleted_at.is_(None),
            File.deleted_at.is_(None),
            or_(File.size_bytes > 0, File.source_url.is_(None)),
        )
        rows = await self._tx.execute(query.order_by(Document.id).limit(most))
        return [Held(*row) for row in rows]

    def add(self, version: AssistantVersion) -> None:
        """Make it part of this transaction."""
        self._tx.add(version)
