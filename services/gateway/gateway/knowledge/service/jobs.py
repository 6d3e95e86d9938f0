"""Jobs: a document version handed to a worker under a lease, and what the worker reports."""

from collections.abc import AsyncIterator
from datetime import timedelta

from contracts.jobs import (
    FailureReport,
    FinishRequest,
    FinishResult,
    Job,
    ProgressReport,
    Stage,
)
from contracts.passages import FOREVER
from gateway.blobs import Blobs
from gateway.charges import Charges, Occasion
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.errors import (
    JobNotClaimable,
    JobNotFound,
    LeaseLost,
    NotFinished,
    StageNotReportable,
)
from gateway.knowledge.repository.jobs import JobRepository
from gateway.knowledge.rules import WORKING_STAGES, is_backwards, retry_delay_seconds
from gateway.knowledge.service.ending import fail, requeue
from gateway.knowledge.service.holding import existing, held, locked_collection
from gateway.knowledge.tables import DocumentVersion
from gateway.outbox.service import Bell
from gateway.payer import Payer
from gateway.settings import KnowledgeLimits


class JobService:
    """Hands out jobs and takes reports, from nobody but the holder of the newest fence."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        limits: KnowledgeLimits,
        bell: Bell,
        charges: Charges,
        clock: Clock = utc_now,
    ) -> None:
        self._charges = charges
        self._database = database
        self._blobs = blobs
        self._limits = limits
        self._bell = bell
        self._clock = clock
        self._lease = timedelta(seconds=limits.lease_seconds)

    async def claim(self, version_id: str, worker: str) -> Job:
        """Give the job to a worker: a new fence, one attempt more, counted before the work."""
        now = self._clock()
        async with self._database.transaction() as tx:
            version = await existing(tx, version_id)
            source = await JobRepository(tx).source(version)
            is_deleted = source.document.deleted_at is not None
            if is_deleted or not self._is_claimable(version):
                raise JobNotClaimable("Another worker holds this job, or it has ended.")
            if version.attempts == 0:
                # The time in the queue was the installation's, not the document's.
                version.deadline_at = now + timedelta(seconds=self._limits.deadline_seconds)
            version.attempts += 1
            version.fence += 1
            version.worker = worker
            version.lease_until = now + self._lease
            version.stage = Stage.PARSING
            version.stage_done = version.stage_total = 0
            return Job(
                document_version_id=version.id,
                document_id=version.document_id,
                collection_id=source.document.collection_id,
                workspace_id=version.workspace_id,
                filename=source.file.filename,
                media_type=source.file.media_type,
                size_bytes=source.file.size_bytes,
                source_url=source.file.source_url,
                fence=version.fence,
                lease_seconds=self._limits.lease_seconds,
                attempt=version.attempts,
                passage_tokens=source.passage_tokens or self._limits.passage_tokens,
            )

    async def content(self, version_id: str) -> AsyncIterator[bytes]:
        """The bytes of the file."""
        async with self._database.transaction() as tx:
            version = await JobRepository(tx).find(version_id)
            if version is None:
                raise JobNotFound(f"There is no document version {version_id}.")
            source = await JobRepository(tx).source(version)
            if source.document.deleted_at is not None:
                raise LeaseLost("The document was removed.")
        return self._blobs.read(source.file.blob_key)

    async def report(self, version_id: str, progress: ProgressReport) -> None:
        """Note how far the work is, and renew the lease. The bar never goes back."""
        if progress.stage not in WORKING_STAGES:
            raise StageNotReportable("Report a stage of the work.", param="stage")
        async with self._database.transaction() as tx:
            version = await held(tx, version_id, progress.fence, self._clock() + self._lease)
            current = (Stage(version.stage), version.stage_done, version.stage_total)
            if is_backwards(current, (progress.stage, progress.done, progress.total)):
                return
            version.stage = progress.stage
            version.stage_done, version.stage_total = progress.done, progress.total

    async def finish(self, version_id: str, request: FinishRequest) -> FinishResult:
        """Give the version the next epoch of its collection, and end the one it replaces.

        Asked again, the answer is the same: the epoch was given once, and the row of the ledger
        is written once. Until it is written the worker is not told, and asks again.
        """
        occasion, result = await self._finished(version_id, request)
        await self._charges.document(occasion, version_id, request.stamp.model_id, request.tokens)
        return result

    async def _finished(
        self, version_id: str, request: FinishRequest
    ) -> tuple[Occasion, FinishResult]:
        async with self._database.transaction() as tx:
            collection = await locked_collection(tx, version_id)
            version = await held(tx, version_id, request.fence, self._clock() + self._lease)
            repository = JobRepository(tx)
            if version.from_epoch is None:
                collection.epoch += 1
                version.from_epoch = collection.epoch
                replaced = await repository.current_beside(version)
                if replaced is not None:
                    version.replaces_version_id = replaced.id
                    await repository.set_epochs(
                        replaced, from_epoch=replaced.from_epoch, until_epoch=collection.epoch
                    )
            # The passages may be those of a later attempt: they get the epoch each time.
            await repository.set_epochs(version, from_epoch=version.from_epoch, until_epoch=FOREVER)
            version.stage = Stage.INDEXING
            version.stamp = request.stamp.model_dump()
            file = (await repository.source(version)).file
            payer = Payer(version.workspace_id, file.owner_id, None, None)
            return Occasion(payer), FinishResult(
                from_epoch=version.from_epoch or 0,
                replaces_version_id=version.replaces_version_id,
            )

    async def ready(self, version_id: str, fence: int) -> None:
        """Let the version be seen as ready."""
        async with self._database.transaction() as tx:
            # Whoever deletes holds the document before its versions; here it is changed after.
            await locked_collection(tx, version_id)
            version = await existing(tx, version_id)
            if version.stage == Stage.READY and version.fence == fence:
                return
            version = await held(tx, version_id, fence, self._clock())
            if version.from_epoch is None:
                raise NotFinished("This version has no epoch yet.")
            document = (await JobRepository(tx).source(version)).document
            document.current_version = version.number
            version.stage = Stage.READY
            version.worker = version.lease_until = None
            version.error_code = version.error_message = None

    async def fail(self, version_id: str, report: FailureReport) -> None:
        """Queue another attempt, later, or give up and say why."""
        now = self._clock()
        async with self._database.transaction() as tx:
            await locked_collection(tx, version_id)
            version = await held(tx, version_id, report.fence, now)
            if report.retry and version.attempts < self._limits.attempts:
                delay = timedelta(seconds=retry_delay_seconds(version.attempts))
                requeue(tx, version, now + delay, self._limits.unclaimed_seconds)
            else:
                await fail(tx, version, report.code, report.message, now)
        self._bell.ring()

    def _is_claimable(self, version: DocumentVersion) -> bool:
        now = self._clock()
        if version.attempts >= self._limits.attempts or version.deadline_at <= now:
            return False
        if version.stage == Stage.QUEUED:
            return True
        is_working = Stage(version.stage) in WORKING_STAGES
        return is_working and version.lease_until is not None and version.lease_until <= now
