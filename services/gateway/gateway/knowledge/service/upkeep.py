"""What nobody asks for: jobs whose worker or message was lost, and purges carried to their end."""

from datetime import datetime

from contracts.jobs import PurgeJob, Stage, SweepResult
from contracts.passages import EmbeddingStamp
from gateway.blobs import Blobs
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.knowledge.errors import JobNotFound
from gateway.knowledge.repository.files import FileRepository
from gateway.knowledge.repository.jobs import JobRepository, JobSource
from gateway.knowledge.repository.pictures import PictureRepository
from gateway.knowledge.rules import FINAL_STAGES, duration_in_words
from gateway.knowledge.service.ending import fail, requeue
from gateway.knowledge.service.hiding import ask_for_purge
from gateway.knowledge.service.holding import existing, locked_collection
from gateway.knowledge.service.placing import QUEUE_PATIENCE
from gateway.knowledge.service.reindexing import ask_for_reindex
from gateway.knowledge.tables import DocumentVersion
from gateway.outbox.service import Bell, Outbox
from gateway.settings import KnowledgeLimits


class UpkeepService:
    """Sweeps jobs and closes purges."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        limits: KnowledgeLimits,
        bell: Bell,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._limits = limits
        self._bell = bell
        self._clock = clock

    async def sweep(self, stamp: EmbeddingStamp | None = None) -> SweepResult:
        """Queue again what lost its worker or its message, and give up what is out of time.

        stamp: of the index. Ready versions with another one are put into it again: after an upgrade
        that weighs words anew, or after a change of the model.
        """
        now = self._clock()
        async with self._database.transaction() as tx:
            overdue = await JobRepository(tx).overdue(now)
            for version in await JobRepository(tx).unpurged(now):
                ask_for_purge(tx, version, now)
            for version in await JobRepository(tx).unindexed(now, stamp):
                ask_for_reindex(tx, version, now)
            await Outbox(tx).forget_sent(now)
        # One transaction each: a collection is locked before its version, never after.
        outcomes = [await self._sweep_one(version_id, now) for version_id in overdue]
        self._bell.ring()
        return SweepResult(requeued=outcomes.count("requeued"), failed=outcomes.count("failed"))

    async def purge(self, version_id: str) -> PurgeJob:
        """What to purge. Raises JobNotFound for a version that somebody needs, or that is gone."""
        async with self._database.transaction() as tx:
            version = await existing(tx, version_id)
            source = await JobRepository(tx).source(version)
            if version.purged_at is not None or not _is_unneeded(version, source):
                raise JobNotFound(f"There is nothing to purge of {version_id}.")
            return PurgeJob(document_version_id=version_id, workspace_id=version.workspace_id)

    async def purged(self, version_id: str, remaining: int) -> None:
        """Close a purge that left nothing, and remove the blobs nobody needs any more."""
        unneeded: list[str] = []
        async with self._database.transaction() as tx:
            version = await existing(tx, version_id)
            source = await JobRepository(tx).source(version)
            if not _is_unneeded(version, source):
                raise JobNotFound(f"There is nothing to purge of {version_id}.")
            if remaining > 0:
                ask_for_purge(tx, version, self._clock())
            else:
                version.purged_at = version.purged_at or self._clock()
                version.lease_until = None
                unneeded = await _blobs_left(tx, version, source)
                version.text_blob_key = None
        self._bell.ring()
        for key in unneeded:
            await self._blobs.remove(key)

    async def _sweep_one(self, version_id: str, now: datetime) -> str:
        async with self._database.transaction() as tx:
            await locked_collection(tx, version_id)
            version = await existing(tx, version_id)
            if Stage(version.stage) in FINAL_STAGES:
                return "left"
            if version.deadline_at <= now:
                await fail(tx, version, "server_error", self._too_long(version), now)
                return "failed"
            if version.lease_until is None or version.lease_until > now:
                return "left"
            if version.attempts >= self._limits.attempts:
                message = f"Reading this file was tried {version.attempts} times without success."
                await fail(tx, version, "server_error", message, now)
                return "failed"
            requeue(tx, version, now, self._limits.unclaimed_seconds)
            return "requeued"

    def _too_long(self, version: DocumentVersion) -> str:
        if version.attempts == 0:
            waited = duration_in_words(int(QUEUE_PATIENCE.total_seconds()))
            return f"Waited longer than {waited} to be read."
        return f"Took longer than {duration_in_words(self._limits.deadline_seconds)}."


def _is_unneeded(version: DocumentVersion, source: JobSource) -> bool:
    return source.document.deleted_at is not None or version.stage == Stage.FAILED


async def _blobs_left(tx: Transaction, version: DocumentVersion, source: JobSource) -> list[str]:
    keys = await PictureRepository(tx).take_out(version.id)
    if version.text_blob_key is not None:
        keys.append(version.text_blob_key)
    is_file_deleted = source.file.deleted_at is not None
    if is_file_deleted and not await FileRepository(tx).has_versions_to_purge(source.file.id):
        keys.append(source.file.blob_key)
    return keys
