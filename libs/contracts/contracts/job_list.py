"""The reading of documents as those see it who run a workspace or the installation."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from contracts.jobs import Stage


class JobState(StrEnum):
    """How a job stands; what is ready is no job any more."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"


class IngestJob(BaseModel):
    """A document that is not ready. Nothing of what stands in it.

    filename, collection_name, message: None for those who may not list its collection.
    may_change: whether the one who looks may retry it, or cancel it by taking it out.
    """

    id: str
    object: Literal["ingest.job"] = "ingest.job"
    created_at: int
    workspace_id: str
    workspace_name: str
    vector_store_id: str
    collection_name: str | None
    file_id: str
    filename: str | None
    size_bytes: int
    state: JobState
    stage: Stage
    done: int
    total: int
    attempts: int
    code: str | None
    message: str | None
    may_change: bool
