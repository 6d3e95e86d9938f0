"""The files of frozen collections, and how those of two states differ."""

from collections.abc import Sequence

from contracts.versions import FileChange, VersionCollection, VersionFile
from gateway.db import Transaction
from gateway.versions.repository import FileAt, VersionRepository
from gateway.versions.rules import Spans

MOST_FILES = 500
"""Shown of one collection, or as changes between two states."""


async def frozen_collection(tx: Transaction, collection_id: str, epoch: int) -> VersionCollection:
    """A collection at an epoch, for somebody who may list it."""
    repository = VersionRepository(tx)
    names = await repository.names([collection_id])
    files = await repository.files_at(collection_id, epoch, MOST_FILES)
    counted = await repository.count_at(collection_id, epoch)
    return VersionCollection(
        collection_id=collection_id,
        epoch=epoch,
        name=names[collection_id],
        files=[
            VersionFile(
                file_id=file.file_id,
                filename=file.filename,
                size_bytes=file.size_bytes,
                document_version=file.document_version,
            )
            for file in files
        ],
        file_count=counted.alive,
        deleted_count=counted.deleted,
    )


async def told_changes(tx: Transaction, spans: Spans) -> tuple[list[FileChange], bool]:
    """The files that differ in collections that the reader may list; and whether there are more."""
    told: list[FileChange] = []
    for collection_id, span in spans.items():
        # A file that was read again is two rows; one more says that there are more.
        rows = await VersionRepository(tx).changed_files(collection_id, span, 2 * MOST_FILES + 1)
        told += _changes(collection_id, rows)
        if len(told) > MOST_FILES or len(rows) > 2 * MOST_FILES:
            return told[:MOST_FILES], True
    return told, False


def _changes(collection_id: str, rows: Sequence[FileAt]) -> list[FileChange]:
    sides: dict[str, set[bool]] = {}
    newest: dict[str, FileAt] = {}
    for row in sorted(rows, key=lambda row: row.document_version):
        sides.setdefault(row.document_id, set()).add(row.was_before)
        newest[row.document_id] = row
    shown = sorted(newest, key=lambda found: (newest[found].filename, newest[found].file_id))
    return [
        FileChange.model_validate(
            {
                "kind": _KINDS[frozenset(sides[found])],
                "collection_id": collection_id,
                "file_id": newest[found].file_id,
                "filename": newest[found].filename,
            }
        )
        for found in shown
    ]


_KINDS = {
    frozenset({True}): "removed",
    frozenset({False}): "added",
    frozenset({True, False}): "reread",
}
