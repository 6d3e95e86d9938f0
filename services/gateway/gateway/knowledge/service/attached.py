"""How attached files go: hidden at once, purged by a worker, and nothing of them kept by name."""

from collections.abc import Sequence
from datetime import datetime

from gateway.db import Transaction
from gateway.knowledge.repository.attached import AttachedRepository
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.service.hiding import hide_documents


async def forget_files(
    tx: Transaction, collection_id: str, now: datetime, file_ids: Sequence[str] | None = None
) -> list[str]:
    """Hide files (None: all). The keys of blobs that wait for no purge, to be removed after it."""
    await hide_documents(tx, collection_id, now, file_ids)
    attached, unneeded = AttachedRepository(tx), list[str]()
    files = await attached.files(collection_id, file_ids)
    for file in files:
        file.deleted_at, file.filename = now, ""
        if not await FileRepository(tx).has_versions_to_purge(file.id):
            unneeded.append(file.blob_key)
    await attached.forget_titles([file.id for file in files])
    return unneeded


async def forget_attached(
    tx: Transaction, conversation_ids: Sequence[str], now: datetime
) -> list[str]:
    """Hide all that is attached to conversations that nobody can have back any more."""
    unneeded: list[str] = []
    for collection in await AttachedRepository(tx).of_all(conversation_ids):
        unneeded += await forget_files(tx, collection.id, now)
        collection.deleted_at = now
    return unneeded
