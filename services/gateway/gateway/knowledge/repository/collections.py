"""Finds collections, as far as their reader may see them, and counts what is in them."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import func, select

from contracts.files import FileCounts
from contracts.jobs import Stage
from gateway.db import Transaction
from gateway.knowledge.repository.documents import is_latest
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class Contents(NamedTuple):
    """What a collection holds."""

    counts: FileCounts
    size_bytes: int


class CollectionRepository:
    """Collections inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, collection: Collection) -> None:
        """Make it part of this transaction."""
        self._tx.add(collection)

    async def lock(self, collection_id: str) -> Collection | None:
        """The collection, held until this commit: epochs are given one after another.

        Locks are taken in the order collection, document, version, by everybody, and leave keys
        alone (FOR NO KEY UPDATE): a row that one transaction changes twice has its foreign keys
        checked, which would wait for whoever holds the document and waits for that row.
        """
        query = select(Collection).where(Collection.id == collection_id)
        return await self._tx.scalar(
            query.with_for_update(key_share=True).execution_options(populate_existing=True)
        )

    async def seen_by(self, asker: Asker, page: PageRequest) -> Rows[Collection]:
        """The collections of the workspace that the asker may know of."""
        query = select(Collection).where(may(asker, Action.SEE, COLLECTIONS))
        return await fetch_page(self._tx, query, Collection.id, page)

    async def contents(self, collection_ids: Iterable[str]) -> dict[str, Contents]:
        """collection id -> what it holds; empty collections are not in it."""
        query = (
            select(
                Document.collection_id,
                func.count(),
                func.count().filter(DocumentVersion.stage == Stage.READY),
                func.count().filter(DocumentVersion.stage == Stage.FAILED),
                func.sum(File.size_bytes),
            )
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .join(File, File.id == Document.file_id)
            .where(Document.collection_id.in_(list(collection_ids)))
            .where(Document.deleted_at.is_(None), is_latest())
            .group_by(Document.collection_id)
        )
        return {
            collection_id: Contents(
                FileCounts(
                    in_progress=total - ready - failed, completed=ready, failed=failed, total=total
                ),
                int(size_bytes),
            )
            for collection_id, total, ready, failed, size_bytes in await self._tx.execute(query)
        }
