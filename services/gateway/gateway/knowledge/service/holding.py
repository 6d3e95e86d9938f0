"""What a worker must prove before each write: that it still holds the job."""

from datetime import datetime

from contracts.jobs import Stage
from gateway.db import Transaction
from gateway.knowledge.errors import JobNotFound, LeaseLost
from gateway.knowledge.repository.collections import CollectionRepository
from gateway.knowledge.repository.jobs import JobRepository
from gateway.knowledge.rules import FINAL_STAGES
from gateway.knowledge.tables import Collection, DocumentVersion


async def held(
    tx: Transaction, version_id: str, fence: int, lease_until: datetime
) -> DocumentVersion:
    """The version, locked, its lease renewed. Raises LeaseLost for an older fence."""
    version = await existing(tx, version_id)
    if version.fence != fence or Stage(version.stage) in FINAL_STAGES:
        raise LeaseLost("Another worker holds this job now, or it has ended.")
    version.lease_until = lease_until
    return version


async def existing(tx: Transaction, version_id: str) -> DocumentVersion:
    """The version, locked until this commit."""
    version = await JobRepository(tx).lock(version_id)
    if version is None:
        raise JobNotFound(f"There is no document version {version_id}.")
    return version


async def locked_collection(tx: Transaction, version_id: str) -> Collection:
    """The collection of a version, locked before the version: the order everybody keeps."""
    repository = JobRepository(tx)
    version = await repository.find(version_id)
    if version is None:
        raise JobNotFound(f"There is no document version {version_id}.")
    document = (await repository.source(version)).document
    collection = await CollectionRepository(tx).lock(document.collection_id)
    if collection is None:
        raise JobNotFound(f"There is no document version {version_id}.")
    return collection
