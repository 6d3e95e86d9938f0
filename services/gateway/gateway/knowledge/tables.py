"""Files, collections, documents, document versions (with their jobs) and passages."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.passages import FOREVER
from gateway.db import Identified, Record


class File(Identified, Record):
    """Bytes somebody uploaded. sha256 and size are those of the stored blob.

    source_url: of a web page; its bytes are none until it was fetched, and others each time.
    fetched_url: where its redirects led then.
    """

    __tablename__ = "files"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    filename: Mapped[str]
    media_type: Mapped[str]
    purpose: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    blob_key: Mapped[str]
    source_url: Mapped[str | None]
    fetched_url: Mapped[str | None]
    deleted_at: Mapped[datetime | None]


class Collection(Identified, Record):
    """A body of knowledge. epoch grows by one with each change of what is current.

    visibility: contracts.sharing.CollectionVisibility. passage_tokens: how long the passages of
    its files should be; None: as long as the installation's. conversation_id: whose attached files
    it holds; it is nobody's knowledge then, and goes with its conversation.
    """

    __tablename__ = "collections"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    name: Mapped[str]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    epoch: Mapped[int] = mapped_column(default=0)
    passage_tokens: Mapped[int | None]
    visibility: Mapped[str] = mapped_column(server_default=text("'workspace'"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), unique=True)
    deleted_at: Mapped[datetime | None]


class Document(Identified, Record):
    """A file in a collection. current_version: the one that is ready, None before."""

    __tablename__ = "documents"
    __table_args__ = (
        # A deleted document stays as a record, beside a later one of the same file.
        Index(
            "uq_documents_collection_id_file_id",
            "collection_id",
            "file_id",
            unique=True,
            postgresql_where="deleted_at IS NULL",
        ),
    )

    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.id"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), index=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    current_version: Mapped[int | None]
    deleted_at: Mapped[datetime | None]


class FileBatch(Identified, Record):
    """Files put into a collection by one call. Their states are read from the documents."""

    __tablename__ = "file_batches"

    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.id"), index=True)
    file_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    cancelled_at: Mapped[datetime | None]


class DocumentVersion(Identified, Record):
    """One reading of a document, and the job that makes it.

    stage: contracts.jobs.Stage. fence: grows with every claim; an older holder's writes are
    refused. lease_until: when the holder is given up; of a queued job and of a purge, when its
    message counts as lost. deadline_at: when the version fails whatever happens.
    stamp: contracts.passages.EmbeddingStamp of its vectors.
    """

    __tablename__ = "document_versions"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        # The sweeper looks only at jobs that are not final.
        Index(
            "ix_document_versions_open",
            "lease_until",
            postgresql_where="stage NOT IN ('ready', 'failed')",
        ),
    )

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    number: Mapped[int]
    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"))
    stage: Mapped[str]
    stage_done: Mapped[int] = mapped_column(default=0)
    stage_total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    deadline_at: Mapped[datetime]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    title: Mapped[str | None]
    text_blob_key: Mapped[str | None]
    pages: Mapped[list[Any] | None] = mapped_column(JSONB)
    stamp: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    from_epoch: Mapped[int | None]
    until_epoch: Mapped[int] = mapped_column(default=FOREVER)
    replaces_version_id: Mapped[str | None]
    purged_at: Mapped[datetime | None]
    flagged_count: Mapped[int] = mapped_column(default=0, server_default="0")


class Passage(Record):
    """A span of a version's text; `text` is exactly `whole_text[start:end]` in code points.

    is_off: switched off by a keeper. It is kept here and not in the index: the second lock, which
    every passage passes on its way into an answer or a search, refuses it at once, and putting the
    version into the index again changes nothing.
    """

    __tablename__ = "passages"
    __table_args__ = (UniqueConstraint("document_version_id", "index"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_version_id: Mapped[str] = mapped_column(
        ForeignKey("document_versions.id", ondelete="CASCADE")
    )
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    index: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    page: Mapped[int | None]
    header: Mapped[str]
    text: Mapped[str]
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    is_off: Mapped[bool] = mapped_column(default=False, server_default=false())
    from_epoch: Mapped[int] = mapped_column(default=FOREVER)
    until_epoch: Mapped[int] = mapped_column(default=FOREVER)


class PagePicture(Record):
    """A page of a version as a picture. runs: contracts.page_pictures.TextRun, as JSON.

    Kept as text: nobody searches in it, and PostgreSQL packs it to a third.
    """

    __tablename__ = "page_pictures"

    document_version_id: Mapped[str] = mapped_column(
        ForeignKey("document_versions.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    blob_key: Mapped[str]
    sha256: Mapped[str]
    runs: Mapped[str]
