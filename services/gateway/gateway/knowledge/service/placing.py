"""Putting a file into a collection: document, version and message in one commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.ids import new_id
from contracts.jobs import Stage
from contracts.tasks import IngestDocument
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.knowledge.errors import FileThereAlready, StillReading
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.documents import DocumentRepository
from gateway.knowledge.rules import FINAL_STAGES
from gateway.knowledge.service.finding import document_in, readable_file
from gateway.knowledge.tables import Document, DocumentVersion
from gateway.outbox.service import Outbox
from gateway.policy.loading import Hold

Attributes = dict[str, str | float | bool]

QUEUE_PATIENCE = timedelta(seconds=IngestDocument.expires_seconds)
"""How long a job may wait for a worker at all: as long as its message lives."""


@dataclass(frozen=True)
class Placing:
    """Who puts files where, and when."""

    caller: Caller
    collection_id: str
    now: datetime
    unclaimed: timedelta


async def place(
    tx: Transaction, placing: Placing, file_id: str, attributes: Attributes | None
) -> None:
    """Put a file into a collection. One already there is read again as its next version,
    unless it is just being read.
    """
    # Whoever reads the collection reads the file then: only its readers may put it there.
    await readable_file(tx, placing.caller, file_id, Hold.SHARED)
    # Two callers who put the same file into the same collection wait for each other here.
    await CollectionRepository(tx).lock(placing.collection_id)
    shown = await DocumentRepository(tx).find(placing.collection_id, file_id)
    if shown is None:
        await begin_document(tx, placing, file_id, attributes)
        return
    if attributes is not None:
        shown.document.attributes = attributes
    if Stage(shown.version.stage) in FINAL_STAGES:
        await begin_version(tx, shown.document, shown.version.number + 1, placing)


async def begin_document(
    tx: Transaction, placing: Placing, file_id: str, attributes: Attributes | None = None
) -> None:
    """Queue the first reading of a file that is not in the collection yet."""
    document = Document(
        id=new_id("doc_"),
        collection_id=placing.collection_id,
        workspace_id=placing.caller.workspace_id,
        file_id=file_id,
        attributes=attributes or {},
        created_at=placing.now,
    )
    repository = DocumentRepository(tx)
    repository.add(document)
    await repository.flush()
    await begin_version(tx, document, 1, placing)


async def replace(tx: Transaction, placing: Placing, former_id: str, file_id: str) -> None:
    """Read another file as the next version of a document. The former file's readings stay what
    they were, for the versions and citations that name them.

    Raises DocumentNotFound, FileNotFound, StillReading, FileThereAlready.
    """
    await readable_file(tx, placing.caller, file_id, Hold.SHARED)
    await CollectionRepository(tx).lock(placing.collection_id)
    shown = await document_in(tx, placing.collection_id, former_id)
    if Stage(shown.version.stage) not in FINAL_STAGES:
        raise StillReading("The file is still being read: replace it when that has ended.")
    if await DocumentRepository(tx).find(placing.collection_id, file_id) is not None:
        raise FileThereAlready(f"File {file_id} is in this vector store already.", param="file_id")
    shown.document.file_id = file_id
    await begin_version(tx, shown.document, shown.version.number + 1, placing)


async def begin_version(tx: Transaction, document: Document, number: int, placing: Placing) -> None:
    """Queue a new reading of a document."""
    version = DocumentVersion(
        id=new_id("dvr_"),
        document_id=document.id,
        workspace_id=document.workspace_id,
        number=number,
        file_id=document.file_id,
        stage=Stage.QUEUED,
        created_at=placing.now,
        lease_until=placing.now + placing.unclaimed,
        deadline_at=placing.now + QUEUE_PATIENCE,
    )
    repository = DocumentRepository(tx)
    repository.add(version)
    await repository.flush()
    Outbox(tx).put(IngestDocument(document_version_id=version.id))
