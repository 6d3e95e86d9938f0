"""Blobs copied out of the store, whichever it is, and what became of those that are not there."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.backups.manifest import BLOBS, Changes, KeptFile
from gateway.backups.snapshot import Holds, NeededBlob
from gateway.blobs import BlobMissing, Blobs

AT_ONCE = 8
_FILE = text("SELECT deleted_at IS NOT NULL FROM files WHERE id = :id")
_TEXT = text(
    "SELECT d.id, d.deleted_at IS NOT NULL, v.text_blob_key FROM document_versions v"
    " JOIN documents d ON d.id = v.document_id WHERE v.id = :id"
)


@dataclass
class Copied:
    """The blobs that were copied, by their name in the backup, and those that were not."""

    files: dict[str, KeptFile] = field(default_factory=dict)
    missing: list[NeededBlob] = field(default_factory=list)
    damaged: list[NeededBlob] = field(default_factory=list)


async def copy_blobs(blobs: Blobs, wanted: Sequence[NeededBlob], folder: Path) -> Copied:
    """Copy every blob that is there; a few at a time, because a store may be far away."""
    copied, turns = Copied(), asyncio.Semaphore(AT_ONCE)

    async def copy(blob: NeededBlob) -> None:
        async with turns:
            name = blob_name(blob.key)
            try:
                kept = await _copy_one(blobs, blob.key, folder / name)
            except BlobMissing:
                (folder / name).unlink(missing_ok=True)
                copied.missing.append(blob)
                return
        copied.files[name] = kept
        if blob.sha256 is not None and blob.sha256 != kept.sha256:
            copied.damaged.append(blob)

    async with asyncio.TaskGroup() as group:
        for blob in wanted:
            group.create_task(copy(blob))
    return copied


def blob_name(key: str) -> str:
    """Where a blob lies in a backup."""
    return f"{BLOBS}/{key[:2]}/{key[2:4]}/{key}"


async def explained(
    line: AsyncConnection, missing: Sequence[NeededBlob]
) -> tuple[Changes, list[NeededBlob]]:
    """Missing blobs whose rows were deleted or changed since the snapshot, and the lost rest.

    A missing picture is never a loss to report: its page is shown as text from then on.
    """
    changes, lost = Changes(), list[NeededBlob]()
    for blob in missing:
        if blob.holds is Holds.PICTURE:
            changes.missing_pictures.append(blob.key)
        elif blob.holds is Holds.FILE and await line.scalar(_FILE, {"id": blob.row_id}):
            changes.deleted_files.append(blob.row_id)
        elif not (blob.holds is Holds.TEXT and await _is_changed_text(line, blob, changes)):
            lost.append(blob)
    return changes, lost


async def _is_changed_text(line: AsyncConnection, blob: NeededBlob, changes: Changes) -> bool:
    document_id, is_deleted, key = (await line.execute(_TEXT, {"id": blob.row_id})).one()
    if is_deleted:
        changes.deleted_documents.append(document_id)
    elif key != blob.key:
        changes.replaced_texts.append(blob.row_id)
    return bool(is_deleted or key != blob.key)


async def _copy_one(blobs: Blobs, key: str, target: Path) -> KeptFile:
    await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True, mode=0o700)
    digest, size_bytes = hashlib.sha256(), 0
    with await asyncio.to_thread(target.open, "wb") as file:
        async for block in blobs.read(key):
            digest.update(block)
            size_bytes += len(block)
            await asyncio.to_thread(file.write, block)
    return KeptFile(sha256=digest.hexdigest(), size_bytes=size_bytes)
