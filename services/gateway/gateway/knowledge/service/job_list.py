"""Which documents are being read, wait to be, or could not be."""

from collections.abc import Collection

from contracts.job_list import IngestJob, JobState
from contracts.jobs import Stage
from contracts.lists import Page
from gateway.caller import Caller
from gateway.clock import unix_seconds
from gateway.db import Database
from gateway.knowledge.errors import JobsNotYours
from gateway.knowledge.repository.job_list import JobListRepository, ListedJob
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.knowledge.rules import WORKING_STAGES
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import permitted, require
from gateway.policy.rules import here, may_anywhere
from gateway.policy.words import Action, Kind

_STAGES: dict[JobState, tuple[Stage, ...]] = {
    JobState.QUEUED: (Stage.QUEUED,),
    JobState.RUNNING: WORKING_STAGES,
    JobState.FAILED: (Stage.FAILED,),
}


class JobListService:
    """Lists jobs, for those who run a workspace or the installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, caller: Caller, state: JobState | None, page: PageRequest
    ) -> Page[IngestJob]:
        """Operators see the jobs of all workspaces, but names only where they may list them."""
        workspace_id = None
        if not may_anywhere(caller, Action.SEE, Kind.INSTALLATION):
            barred = JobsNotYours("Only those who run a workspace see its jobs.")
            require(caller, Action.ADMINISTER, here(caller, Kind.WORKSPACE), barred)
            workspace_id = caller.workspace_id
        stages = (
            _STAGES[state] if state else tuple(each for one in _STAGES.values() for each in one)
        )
        async with self._database.transaction() as tx:
            rows = await JobListRepository(tx).page(workspace_id, stages, page)
            ids = [job.collection.id for job in rows.rows]
            listed = await permitted(tx, caller, Action.LIST, COLLECTIONS, ids)
            changeable = await permitted(tx, caller, Action.EDIT, COLLECTIONS, ids)
        return as_page(rows, lambda job: _view(job, listed, changeable), lambda view: view.id)


def _view(job: ListedJob, listed: Collection[str], changeable: Collection[str]) -> IngestJob:
    version, stage = job.version, Stage(job.version.stage)
    is_listed = job.collection.id in listed
    return IngestJob(
        id=version.id,
        created_at=unix_seconds(version.created_at),
        workspace_id=version.workspace_id,
        workspace_name=job.workspace_name,
        vector_store_id=job.collection.id,
        collection_name=job.collection.name if is_listed else None,
        file_id=job.file.id,
        filename=job.file.filename if is_listed else None,
        size_bytes=job.file.size_bytes,
        state=next(state for state, stages in _STAGES.items() if stage in stages),
        stage=stage,
        done=version.stage_done,
        total=version.stage_total,
        attempts=version.attempts,
        code=version.error_code,
        message=version.error_message if is_listed else None,
        may_change=job.collection.id in changeable,
    )
