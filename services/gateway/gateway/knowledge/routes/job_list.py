"""The list of jobs on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.job_list import IngestJob, JobState
from contracts.lists import Page
from gateway.caller import Caller
from gateway.knowledge.service.job_list import JobListService
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/admin/jobs", tags=["admin"])
Jobs = Annotated[JobListService, provided(JobListService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("")
async def jobs(
    caller: Reader, page: Paging, listed: Jobs, state: JobState | None = None
) -> Page[IngestJob]:
    """Documents that are being read, wait to be, or could not be; for operators, of all."""
    return await listed.page(caller, state, page)
