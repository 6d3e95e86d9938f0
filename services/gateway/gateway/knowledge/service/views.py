"""Knowledge as the API shows it."""

from typing import Literal

from contracts.file_batches import FileBatchView
from contracts.files import (
    ChunkingStrategy,
    CollectionChunking,
    CollectionView,
    DocumentError,
    DocumentProgress,
    DocumentView,
    FileCounts,
    FileView,
    PassageSize,
    StaticChunking,
)
from contracts.jobs import Stage
from gateway.clock import unix_seconds
from gateway.knowledge.repository.collections import Contents
from gateway.knowledge.repository.documents import Shown
from gateway.knowledge.rules import percent_of, status_of
from gateway.knowledge.tables import Collection, DocumentVersion, File, FileBatch

EMPTY = Contents(FileCounts(), 0)


def file_view(file: File) -> FileView:
    """A file."""
    return FileView(
        id=file.id,
        bytes=file.size_bytes,
        created_at=unix_seconds(file.created_at),
        filename=file.filename,
        purpose=file.purpose,
    )


def collection_view(collection: Collection, contents: Contents) -> CollectionView:
    """A collection and what it holds."""
    return CollectionView(
        id=collection.id,
        created_at=unix_seconds(collection.created_at),
        name=collection.name,
        usage_bytes=contents.size_bytes,
        file_counts=contents.counts,
        status="in_progress" if contents.counts.in_progress else "completed",
        metadata=collection.attributes,
        epoch=collection.epoch,
        visibility="workspace" if collection.visibility == "workspace" else "private",
        chunking_strategy=_chunking(collection.passage_tokens),
    )


def _chunking(passage_tokens: int | None) -> CollectionChunking:
    if passage_tokens is None:
        return ChunkingStrategy(type="auto")
    size = PassageSize(max_chunk_size_tokens=passage_tokens)
    return StaticChunking(type="static", static=size)


def document_view(shown: Shown) -> DocumentView:
    """A document, with how far its latest version is."""
    document, version, file, passage_count = shown
    stage = Stage(version.stage)
    return DocumentView(
        id=document.file_id,
        created_at=unix_seconds(document.created_at),
        vector_store_id=document.collection_id,
        usage_bytes=file.size_bytes,
        status=status_of(stage),
        last_error=_error(version, stage),
        attributes=document.attributes,
        filename=file.filename,
        source_url=file.source_url,
        fetched_url=file.fetched_url,
        document_version=version.number,
        progress=DocumentProgress(
            stage=stage,
            done=version.stage_done,
            total=version.stage_total,
            percent=percent_of(stage, version.stage_done, version.stage_total),
            attempt=version.attempts,
        ),
        passage_count=passage_count,
        flagged_count=version.flagged_count,
    )


def batch_view(batch: FileBatch, counts: FileCounts) -> FileBatchView:
    """A batch and how its files fare."""
    return FileBatchView(
        id=batch.id,
        created_at=unix_seconds(batch.created_at),
        vector_store_id=batch.collection_id,
        status=_batch_status(batch, counts),
        file_counts=counts,
    )


def _batch_status(
    batch: FileBatch, counts: FileCounts
) -> Literal["in_progress", "completed", "cancelled", "failed"]:
    if counts.in_progress:
        return "in_progress"
    if batch.cancelled_at is not None:
        return "cancelled"
    return "failed" if counts.failed == counts.total else "completed"


def _error(version: DocumentVersion, stage: Stage) -> DocumentError | None:
    if stage is not Stage.FAILED:
        return None
    code = version.error_code
    return DocumentError(
        code=code if code in ("unsupported_file", "invalid_file") else "server_error",
        message=version.error_message or "This file could not be read.",
    )
