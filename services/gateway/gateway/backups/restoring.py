"""Brings a backup back into an empty installation. Nothing is touched before all of it is verified.

The blobs come first, since a blob without a row harms nobody; then the database in one
transaction. A restore that was cut off leaves a mark, so that the next one may clear it away.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.backups.errors import NotABackup, NotRestorable
from gateway.backups.manifest import BLOBS, DATABASE, VECTORS, Manifest, read_manifest, verify
from gateway.backups.postgres_tools import PostgresTools
from gateway.backups.snapshot import REVISION_TABLE, Books, books, opened, revision, tables
from gateway.blobs import Blobs
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.knowledge.service.restored import RestoredKnowledge
from gateway.migrate import migrate, migrations
from gateway.settings import MigrationLimits

MARK = "stoa_restoring"
_BLOCK_BYTES = 1 << 20
_HAS_MARK = text(f"SELECT to_regclass('{MARK}') IS NOT NULL")
# Of the migrations; an extension's own stay with it.
_FUNCTIONS = text(
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
)
_GATEWAYS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'stoa-gateway'"
)
# What a gateway writes by itself before anybody came: the one-time link.
_MADE_UNASKED = frozenset({"claims"})


@dataclass(frozen=True)
class Restored:
    """What a restore brought back, and what the worker has to look at."""

    manifest: Manifest
    to_be_indexed: int


class BackupRestorer:
    """An installation that a backup is brought into."""

    def __init__(
        self,
        database_url: str,
        blobs: Blobs,
        tools_folder: Path | None = None,
        migration: MigrationLimits | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._url = database_url
        self._blobs = blobs
        self._tools = PostgresTools(database_url, tools_folder)
        self._migration = migration
        self._clock = clock

    async def restore(self, folder: Path) -> Restored:
        """Verify, refuse or restore, verify again. Raises NotABackup, NotRestorable."""
        manifest = await asyncio.to_thread(checked, folder)
        async with opened(self._url) as engine:
            await _refuse_unless_empty(engine)
            await self._write_blobs(folder, manifest)
            await _clear(engine)
            await asyncio.to_thread(self._tools.restore, folder / DATABASE)
            async with engine.connect() as line:
                _compare(manifest, await books(line))
            await self._verify_blobs(manifest)
            await migrate(self._url, self._migration)
            to_be_indexed = await self._mend(manifest)
            async with engine.begin() as line:
                await line.execute(text(f"DROP TABLE {MARK}"))
        return Restored(manifest, to_be_indexed)

    async def _write_blobs(self, folder: Path, manifest: Manifest) -> None:
        for name, kept in _blobs_of(manifest):
            stored = await self._blobs.write(Path(name).name, _blocks(folder / name))
            if stored.sha256 != kept:
                raise NotRestorable(f"{name} did not arrive whole in the blob store")

    async def _verify_blobs(self, manifest: Manifest) -> None:
        for name, kept in _blobs_of(manifest):
            digest = hashlib.sha256()
            async for block in self._blobs.read(Path(name).name):
                digest.update(block)
            if digest.hexdigest() != kept:
                raise NotRestorable(f"{name} is not whole in the blob store")

    async def _mend(self, manifest: Manifest) -> int:
        database = Database(self._url, pool_size=1)
        try:
            knowledge = RestoredKnowledge(database, self._clock)
            changes = manifest.changes
            await knowledge.repeat_deletions(changes.deleted_files, changes.deleted_documents)
            await knowledge.forget_texts(changes.replaced_texts)
            await knowledge.forget_pictures(changes.missing_pictures)
            await knowledge.begin_unfinished_anew()
            return await knowledge.check_index(is_copied=VECTORS in manifest.files)
        finally:
            await database.close()


def checked(folder: Path) -> Manifest:
    """The manifest of a backup whose every file is what was written. Raises NotABackup."""
    manifest = read_manifest(folder)
    known = {one.revision for one in ScriptDirectory.from_config(migrations()).walk_revisions()}
    if manifest.schema_revision not in known:
        raise NotABackup(
            f"the backup has schema {manifest.schema_revision}, which is newer than this version"
            f" of Stoa knows: restore it with Stoa {manifest.stoa_version} or later"
        )
    if DATABASE not in manifest.files:
        raise NotABackup("the backup has no database")
    verify(folder, manifest)
    return manifest


async def _refuse_unless_empty(engine: AsyncEngine) -> None:
    async with engine.connect() as line:
        if await line.scalar(_GATEWAYS):
            raise NotRestorable("Stoa is running on this database: stop it first")
        if await line.scalar(_HAS_MARK):
            return  # our own unfinished work
        counts = (await books(line)).tables if await revision(line) is not None else {}
        if counts == {} and await tables(line):
            raise NotRestorable("this database holds tables that are not Stoa's")
    held = [name for name, rows in sorted(counts.items()) if rows and name not in _MADE_UNASKED]
    if held:
        raise NotRestorable(
            f"this installation is not empty ({counts[held[0]]} rows in {held[0]}): restore into"
            " a new one, with another STOA_HOME or another database"
        )


async def _clear(engine: AsyncEngine) -> None:
    async with engine.begin() as line:
        await line.execute(text(f"CREATE TABLE IF NOT EXISTS {MARK} (id int)"))
        for name in [*await tables(line), REVISION_TABLE]:
            if name != MARK:
                await line.execute(text(f'DROP TABLE IF EXISTS "{name}" CASCADE'))
        for function in (await line.scalars(_FUNCTIONS)).all():
            await line.execute(text(f"DROP FUNCTION {function} CASCADE"))


def _compare(manifest: Manifest, found: Books) -> None:
    counts = {name: rows for name, rows in found.tables.items() if name != MARK}
    for name in sorted({*manifest.tables, *counts}):
        if manifest.tables.get(name) != counts.get(name):
            raise NotRestorable(
                f"{name} has {counts.get(name)} rows after the restore instead of"
                f" {manifest.tables.get(name)}"
            )
    if found.ledger != manifest.ledger:
        raise NotRestorable("the ledger does not add up to what it was")


def _blobs_of(manifest: Manifest) -> Sequence[tuple[str, str]]:
    return [
        (name, kept.sha256)
        for name, kept in sorted(manifest.files.items())
        if name.startswith(f"{BLOBS}/")
    ]


async def _blocks(file: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(file.open, "rb") as source:
        while block := await asyncio.to_thread(source.read, _BLOCK_BYTES):
            yield block
