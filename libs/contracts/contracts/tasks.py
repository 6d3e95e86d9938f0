"""Task messages: ids only, so that a broker never holds what a database must protect."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

INGEST_QUEUE = "ingest"

VersionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
"""Ids go on into addresses and log lines, so nothing else than an id may."""


class TaskMessage(BaseModel):
    """A message on the broker. `expires_seconds` bounds how long it may wait unread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    queue: ClassVar[str]
    expires_seconds: ClassVar[int]


class IngestDocument(TaskMessage):
    """Parse, split, embed and index one document version."""

    name: ClassVar[str] = "ingest.document"
    queue: ClassVar[str] = INGEST_QUEUE
    expires_seconds: ClassVar[int] = 24 * 3600

    document_version_id: VersionId


class PurgeVersion(TaskMessage):
    """Remove every vector of a document version and report the count left."""

    name: ClassVar[str] = "ingest.purge_version"
    queue: ClassVar[str] = INGEST_QUEUE
    expires_seconds: ClassVar[int] = 24 * 3600

    document_version_id: VersionId


class ReindexVersion(TaskMessage):
    """Make the index hold exactly the passages of a ready document version."""

    name: ClassVar[str] = "ingest.reindex_version"
    queue: ClassVar[str] = INGEST_QUEUE
    expires_seconds: ClassVar[int] = 24 * 3600

    document_version_id: VersionId


class DrawAvatar(TaskMessage):
    """Make an assistant's picture of what was uploaded for it."""

    name: ClassVar[str] = "ingest.avatar"
    queue: ClassVar[str] = INGEST_QUEUE
    expires_seconds: ClassVar[int] = 600

    avatar_upload_id: VersionId


class SweepJobs(TaskMessage):
    """Ask the gateway to queue again whatever lost its worker. Sent by beat."""

    name: ClassVar[str] = "ingest.sweep_jobs"
    queue: ClassVar[str] = INGEST_QUEUE
    expires_seconds: ClassVar[int] = 30


TASKS: tuple[type[TaskMessage], ...] = (
    IngestDocument,
    PurgeVersion,
    ReindexVersion,
    DrawAvatar,
    SweepJobs,
)
"""Every task there is; guard tests hold handlers and limits against it."""
