"""Finds what is attached to conversations."""

from collections.abc import Sequence

from sqlalchemy import select, update

from gateway.db import Transaction
from gateway.knowledge.repository.sources import ATTACHED
from gateway.knowledge.tables import Collection, Document, DocumentVersion, File
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class AttachedRepository:
    """Attached files inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def of(self, asker: Asker, conversation_id: str) -> Collection | None:
        """What is attached to a conversation of the asker's. None: nothing ever was."""
        query = select(Collection).where(
            Collection.conversation_id == conversation_id, may(asker, Action.USE, ATTACHED)
        )
        return await self._tx.scalar(query)

    async def of_all(self, conversation_ids: Sequence[str]) -> Sequence[Collection]:
        """What is attached to conversations that are over, whosever they were."""
        query = select(Collection).where(
            Collection.conversation_id.in_(conversation_ids), Collection.deleted_at.is_(None)
        )
        return (await self._tx.scalars(query.order_by(Collection.id))).all()

    async def file_ids(self, conversation_ids: Sequence[str]) -> dict[str, list[str]]:
        """conversation id -> its files, the first attached first, of conversations that came
        through the door; those without any are not in it."""
        query = (
            select(Collection.conversation_id, Document.file_id)
            .join(Document, Document.collection_id == Collection.id)
            .where(Collection.conversation_id.in_(conversation_ids), Document.deleted_at.is_(None))
            .order_by(Document.id)
        )
        found: dict[str, list[str]] = {}
        for conversation_id, file_id in await self._tx.execute(query):
            found.setdefault(conversation_id or "", []).append(file_id)
        return found

    async def files(
        self, collection_id: str, file_ids: Sequence[str] | None = None
    ) -> Sequence[File]:
        """The files in it (None: all), held until this commit."""
        documents = select(Document.file_id).where(Document.collection_id == collection_id)
        if file_ids is not None:
            documents = documents.where(Document.file_id.in_(file_ids))
        query = select(File).where(File.id.in_(documents), File.deleted_at.is_(None))
        return (
            await self._tx.scalars(query.order_by(File.id).with_for_update(key_share=True))
        ).all()

    async def forget_titles(self, file_ids: Sequence[str]) -> None:
        """What a file calls itself is as much its owner's as what stands in it."""
        await self._tx.execute(
            update(DocumentVersion).where(DocumentVersion.file_id.in_(file_ids)).values(title=None)
        )
