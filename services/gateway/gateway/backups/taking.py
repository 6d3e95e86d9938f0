"""Takes a backup while Stoa runs: the vectors first, then the database, then the blobs.

Every state the vectors can be in then is one that a crash could have left, and the worker puts
it right: nothing in the copy is newer than the database. Blobs are written before their rows and
never change, so what a row of the snapshot names is there, unless it was deleted meanwhile.
"""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from contracts.errors import StoreError
from gateway import VERSION
from gateway.backups.copying import copy_blobs, explained
from gateway.backups.manifest import (
    DATABASE,
    VECTORS,
    Changes,
    KeptFile,
    Manifest,
    described,
    write_manifest,
)
from gateway.backups.postgres_tools import PostgresTools
from gateway.backups.snapshot import Snapshot, held_snapshot, opened
from gateway.blobs import Blobs

Vectors = Callable[[], AsyncIterator[bytes]]
"""The bytes of a copy of the index; raises StoreError when there is none to have."""


class BackupTaker:
    """What a backup is made of."""

    def __init__(
        self, database_url: str, blobs: Blobs, vectors: Vectors, tools_folder: Path | None = None
    ) -> None:
        self._url = database_url
        self._blobs = blobs
        self._vectors = vectors
        self._tools = PostgresTools(database_url, tools_folder)

    async def take(self, target: Path) -> tuple[Path, Manifest]:
        """Make a new folder in `target`. What is cut off on the way leaves no manifest."""
        now = datetime.now(UTC)
        name = f"stoa-{now:%Y%m%dT%H%M%SZ}"
        unfinished = target / f"{name}-{secrets.token_hex(3)}.unfinished"
        await asyncio.to_thread(unfinished.mkdir, mode=0o700, parents=True)
        try:
            manifest = await self._fill(unfinished, now)
            await asyncio.to_thread(write_manifest, unfinished, manifest)
            folder = await asyncio.to_thread(_renamed, unfinished, target / name)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return folder, manifest

    async def _fill(self, folder: Path, now: datetime) -> Manifest:
        vectors = await self._copy_vectors(folder / VECTORS)
        async with opened(self._url) as engine:
            async with held_snapshot(engine) as snapshot:
                dump = folder / DATABASE
                await asyncio.to_thread(self._tools.dump, snapshot.name, dump)
            copied = await copy_blobs(self._blobs, snapshot.blobs, folder)
            async with engine.connect() as line:
                changes, lost = await explained(line, copied.missing)
        files = copied.files | await asyncio.to_thread(_own_files, folder)
        manifest = _manifest(snapshot, files, now)
        lost_ids = sorted({blob.row_id for blob in [*lost, *copied.damaged]})
        return manifest.model_copy(
            update={"vectors": vectors, "changes": changes, "lost_blobs": lost_ids}
        )

    async def _copy_vectors(self, file: Path) -> str:
        try:
            with await asyncio.to_thread(file.open, "wb") as out:
                async for block in self._vectors():
                    await asyncio.to_thread(out.write, block)
        except StoreError as error:
            await asyncio.to_thread(file.unlink)
            return f"not copied: {error.message}"
        return "copied"


def _own_files(folder: Path) -> dict[str, KeptFile]:
    names = [name for name in (DATABASE, VECTORS) if (folder / name).exists()]
    return {name: described(folder / name) for name in names}


def _manifest(snapshot: Snapshot, files: dict[str, KeptFile], now: datetime) -> Manifest:
    return Manifest(
        made_at=int(now.timestamp()),
        stoa_version=VERSION,
        schema_revision=snapshot.revision,
        tables=snapshot.books.tables,
        ledger=snapshot.books.ledger,
        embedding_stamps=snapshot.stamps,
        vectors="",
        changes=Changes(),
        lost_blobs=[],
        files=files,
    )


def _renamed(unfinished: Path, folder: Path) -> Path:
    """Its final name, with a number when two backups were made in one second."""
    found, number = folder, 2
    while found.exists():
        found, number = folder.with_name(f"{folder.name}-{number}"), number + 1
    return unfinished.rename(found)
