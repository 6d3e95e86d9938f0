"""The internal API of jobs: for workers with a service token, never for people."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse

from contracts.jobs import (
    ClaimRequest,
    FailureReport,
    FinishRequest,
    FinishResult,
    Job,
    PassageIds,
    PassagesUpload,
    ProgressReport,
    PurgeJob,
    PurgeReport,
    ReadyReport,
    ReindexJob,
    ReindexReport,
    Stage,
    SweepRequest,
    SweepResult,
    TextUpload,
)
from contracts.page_pictures import PicturesUpload
from gateway.audit.service.reading import AuditService
from gateway.idempotency.service import IdempotencyService
from gateway.knowledge.routes.asking import only_workers
from gateway.knowledge.service.jobs import JobService
from gateway.knowledge.service.pictures import PictureService
from gateway.knowledge.service.reindexing import ReindexService
from gateway.knowledge.service.texts import TextService
from gateway.knowledge.service.upkeep import UpkeepService
from runtime.provide import provided
from runtime.service_auth import ServiceRoute

router = APIRouter(
    prefix="/internal/jobs",
    include_in_schema=False,
    dependencies=[Depends(only_workers)],
    route_class=ServiceRoute,
)
Jobs = Annotated[JobService, provided(JobService)]
Texts = Annotated[TextService, provided(TextService)]
Pictures = Annotated[PictureService, provided(PictureService)]
Reindexing = Annotated[ReindexService, provided(ReindexService)]
Idempotency = Annotated[IdempotencyService, provided(IdempotencyService)]
Upkeep = Annotated[UpkeepService, provided(UpkeepService)]
Audit = Annotated[AuditService, provided(AuditService)]


@router.post("/sweep")
async def sweep(
    upkeep: Upkeep, idempotency: Idempotency, audit: Audit, request: SweepRequest | None = None
) -> SweepResult:
    """Queue again what lost its worker, and forget what was kept long enough."""
    await idempotency.sweep()
    await audit.forget_old()
    return await upkeep.sweep(request.stamp if request else None)


@router.post("/{version_id}/claim")
async def claim(version_id: str, request: ClaimRequest, jobs: Jobs) -> Job:
    """Take a job."""
    return await jobs.claim(version_id, request.worker)


@router.get("/{version_id}/content", response_class=StreamingResponse)
async def content(version_id: str, jobs: Jobs) -> StreamingResponse:
    """The bytes of the file."""
    return StreamingResponse(await jobs.content(version_id), media_type="application/octet-stream")


@router.put("/{version_id}/text")
async def put_text(version_id: str, upload: TextUpload, texts: Texts) -> ProgressReport:
    """Store the parsed text."""
    await texts.put_text(version_id, upload)
    return ProgressReport(fence=upload.fence, stage=Stage.PARSING, done=1, total=1)


@router.put("/{version_id}/pictures")
async def put_pictures(
    version_id: str, upload: PicturesUpload, pictures: Pictures
) -> ProgressReport:
    """Store pictures of pages."""
    await pictures.put(version_id, upload)
    return ProgressReport(fence=upload.fence, stage=Stage.PARSING, done=1, total=1)


@router.put("/{version_id}/passages")
async def put_passages(version_id: str, upload: PassagesUpload, texts: Texts) -> PassageIds:
    """Store the passages."""
    return await texts.put_passages(version_id, upload)


@router.post("/{version_id}/progress")
async def report(version_id: str, progress: ProgressReport, jobs: Jobs) -> ProgressReport:
    """Note progress and renew the lease."""
    await jobs.report(version_id, progress)
    return progress


@router.post("/{version_id}/finish")
async def finish(version_id: str, request: FinishRequest, jobs: Jobs) -> FinishResult:
    """Give the version its epoch."""
    return await jobs.finish(version_id, request)


@router.post("/{version_id}/ready")
async def ready(version_id: str, report: ReadyReport, jobs: Jobs) -> ReadyReport:
    """Show the version as ready."""
    await jobs.ready(version_id, report.fence)
    return report


@router.post("/{version_id}/failure")
async def fail(version_id: str, report: FailureReport, jobs: Jobs) -> FailureReport:
    """Give up, or queue another attempt."""
    await jobs.fail(version_id, report)
    return report


@router.get("/{version_id}/purge")
async def purge(version_id: str, upkeep: Upkeep) -> PurgeJob:
    """What to purge."""
    return await upkeep.purge(version_id)


@router.post("/{version_id}/purge")
async def purged(version_id: str, report: PurgeReport, upkeep: Upkeep) -> PurgeReport:
    """What a purge left."""
    await upkeep.purged(version_id, report.remaining)
    return report


@router.get("/{version_id}/reindex")
async def reindex(version_id: str, reindexing: Reindexing) -> ReindexJob:
    """What the index should hold of a version."""
    return await reindexing.job(version_id)


@router.post("/{version_id}/reindex")
async def reindexed(
    version_id: str, report: ReindexReport, reindexing: Reindexing
) -> ReindexReport:
    """The index holds it."""
    await reindexing.done(version_id, report.stamp)
    return report
