"""The gateway's internal API for ingest: claim a job under a lease, report, finish, fail.

Every write names the fencing number of its lease; the gateway refuses an older one.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Base64Bytes, BaseModel, Field

from contracts.passages import EmbeddingStamp, PassageFlag


class Stage(StrEnum):
    """What a document version is going through. The last two are final."""

    QUEUED = "queued"
    PARSING = "parsing"
    SPLITTING = "splitting"
    EMBEDDING = "embedding"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"


class ClaimRequest(BaseModel):
    """Ask for a job. worker: host and process, for people who read the job list."""

    worker: str = Field(max_length=200)


class Job(BaseModel):
    """A claimed job: all a worker needs, no file content. Only the holder of `fence` may report.

    source_url: of a web page; the worker fetches it and hands its bytes in as PageUpload.
    """

    document_version_id: str
    document_id: str
    collection_id: str
    workspace_id: str
    filename: str
    media_type: str
    size_bytes: int
    source_url: str | None = None
    fence: int
    lease_seconds: int
    attempt: int
    passage_tokens: int = 250


class PageUpload(BaseModel):
    """What a web page held when it was fetched. url: where its redirects led."""

    fence: int
    url: str = Field(max_length=4_000)
    media_type: str = Field(max_length=100)
    content: Base64Bytes


class ParsedPage(BaseModel):
    """A page of the source: its number as printed by readers (from 1) and where its text starts."""

    number: int
    start: int


class TextUpload(BaseModel):
    """The text of a version. Offsets anywhere are Unicode code points of exactly this text."""

    fence: int
    title: str = Field(max_length=500)
    text: str
    pages: list[ParsedPage] = Field(default_factory=list)


class ProgressReport(BaseModel):
    """How far a stage is. It also renews the lease."""

    fence: int
    stage: Stage
    done: int = Field(ge=0)
    total: int = Field(ge=0)


class PassageSpan(BaseModel):
    """A retrievable span `text[start:end]` of the uploaded text.

    header: title > section path > page, indexed but never quoted.
    page: the page `start` lies on, None for sources without pages.
    flags: what in it reads like an instruction to a model.
    """

    index: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    page: int | None = None
    header: str = Field(default="", max_length=1000)
    flags: list[PassageFlag] = Field(default_factory=list, max_length=20)


class PassagesUpload(BaseModel):
    """All passages of a version, before they are embedded. Sent again, they replace the former."""

    fence: int
    passages: list[PassageSpan]


class PassageIds(BaseModel):
    """The `psg_…` id of each passage, in the order of their index."""

    ids: list[str]


class FinishRequest(BaseModel):
    """All vectors are in the index, unseen: give the version its epoch.

    tokens: what the embedding model read of all its passages, by its own count.
    """

    fence: int
    stamp: EmbeddingStamp
    tokens: int = Field(default=0, ge=0)


class FinishResult(BaseModel):
    """The epoch from which the version counts, and the version it replaces."""

    from_epoch: int
    replaces_version_id: str | None


class ReadyReport(BaseModel):
    """The index shows the version: let it be seen as ready."""

    fence: int


class FailureReport(BaseModel):
    """Why a version cannot be made ready. `retry` asks for another attempt later."""

    fence: int
    code: Literal["server_error", "unsupported_file", "invalid_file"]
    message: str = Field(max_length=500)
    retry: bool = False


class PurgeJob(BaseModel):
    """A version whose vectors must go."""

    document_version_id: str
    workspace_id: str


class PurgeReport(BaseModel):
    """What the index still holds of a purged version; 0 closes the purge."""

    remaining: int = Field(ge=0)


class StoredPassage(BaseModel):
    """A passage of a ready version as the gateway keeps it."""

    passage_id: str
    index: int
    header: str
    text: str


class ReindexJob(BaseModel):
    """A ready version whose vectors must be what the gateway's rows say."""

    document_version_id: str
    document_id: str
    collection_id: str
    workspace_id: str
    from_epoch: int
    until_epoch: int
    passages: list[StoredPassage]


class ReindexReport(BaseModel):
    """The index holds the version; its vectors carry this stamp."""

    stamp: EmbeddingStamp


class SweepRequest(BaseModel):
    """What the index holds now. stamp: None when it could not be asked."""

    stamp: EmbeddingStamp | None = None


class SweepResult(BaseModel):
    """How many jobs were queued again, and how many gave up."""

    requeued: int
    failed: int
