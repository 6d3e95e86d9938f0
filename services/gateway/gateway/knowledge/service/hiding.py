"""Deleting: hidden at once in the caller's commit, then purged by a worker and verified."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.jobs import Stage
from contracts.tasks import PurgeVersion
from gateway.db import Transaction
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.documents import DocumentRepository
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.rules import FINAL_STAGES
from gateway.knowledge.tables import DocumentVersion
from gateway.outbox.service import Outbox

PURGE_PATIENCE = timedelta(minutes=10)


async def hide_documents(
    tx: Transaction, collection_id: str, now: datetime, file_ids: Sequence[str] | None = None
) -> None:
    """Hide documents of a collection (None: all): no passage of theirs can be loaded any more."""
    collection = await CollectionRepository(tx).lock(collection_id)
    repository = DocumentRepository(tx)
    documents = await repository.alive_in(collection_id, file_ids)
    if collection is None or not documents:
        return
    for document in documents:
        document.deleted_at = now
        document.current_version = None
    versions = await repository.versions_of([document.id for document in documents])
    await repository.drop_passages([version.id for version in versions])
    for version in versions:
        _stop(version)
        if version.purged_at is None:
            ask_for_purge(tx, version, now)
    # Files that others had replaced are the document's alone: nobody sees them anywhere else.
    current = {document.file_id for document in documents}
    replaced = {version.file_id for version in versions} - current
    await FileRepository(tx).forget(replaced, now)
    collection.epoch += 1


async def hide_former_readings(tx: Transaction, file_id: str, now: datetime) -> None:
    """Hide what was read of a file that another one has replaced meanwhile: no frozen version
    finds it any more."""
    for document in await DocumentRepository(tx).replaced(file_id):
        collection = await CollectionRepository(tx).lock(document.collection_id)
        versions = await DocumentRepository(tx).versions_of([document.id])
        of_file = [version for version in versions if version.file_id == file_id]
        await DocumentRepository(tx).drop_passages([version.id for version in of_file])
        for version in of_file:
            version.stage, version.from_epoch = Stage.FAILED, None
            if version.purged_at is None:
                ask_for_purge(tx, version, now)
        if collection is not None:
            collection.epoch += 1


def ask_for_purge(tx: Transaction, version: DocumentVersion, now: datetime) -> None:
    """Have a version's vectors removed; asked again by the sweep if no report comes."""
    version.lease_until = now + PURGE_PATIENCE
    Outbox(tx).put(PurgeVersion(document_version_id=version.id))


def _stop(version: DocumentVersion) -> None:
    """End a version's job: the worker's next write is refused."""
    if Stage(version.stage) not in FINAL_STAGES:
        version.stage = Stage.FAILED
        version.error_code = "server_error"
        version.error_message = "The document was removed."
        version.worker = None
