"""One consistent view of the database: for pg_dump, and for what the manifest says about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from gateway.backups.manifest import LedgerSum

REVISION_TABLE = "alembic_version"
_TABLES = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
    " AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version' ORDER BY 1"
)
_LEDGER = (
    "SELECT currency, count(*), sum(amount_pico)::text FROM ledger GROUP BY currency ORDER BY 1"
)
_STAMPS = (
    "SELECT stamp, count(*) FROM document_versions"
    " WHERE stamp IS NOT NULL AND jsonb_typeof(stamp) = 'object' AND purged_at IS NULL"
    " GROUP BY stamp ORDER BY 2 DESC"
)
_FILE_BLOBS = "SELECT id, blob_key, sha256 FROM files WHERE deleted_at IS NULL ORDER BY id"
_TEXT_BLOBS = (
    "SELECT v.id, v.text_blob_key, NULL FROM document_versions v JOIN documents d"
    " ON d.id = v.document_id WHERE v.text_blob_key IS NOT NULL AND v.purged_at IS NULL"
    " AND d.deleted_at IS NULL ORDER BY v.id"
)
_PICTURE_BLOBS = (
    "SELECT v.id, p.blob_key, p.sha256 FROM page_pictures p"
    " JOIN document_versions v ON v.id = p.document_version_id"
    " JOIN documents d ON d.id = v.document_id"
    " WHERE v.purged_at IS NULL AND d.deleted_at IS NULL ORDER BY v.id, p.number"
)


class Holds(Enum):
    """What a blob is to the row that names it."""

    FILE = "file"
    TEXT = "text"
    PICTURE = "picture"


@dataclass(frozen=True)
class NeededBlob:
    """A blob that a row names. sha256: as the row says, if it says so."""

    row_id: str
    key: str
    sha256: str | None
    holds: Holds


@dataclass(frozen=True)
class Books:
    """What can be counted, to be compared after a restore."""

    tables: dict[str, int]
    ledger: list[LedgerSum]


@dataclass(frozen=True)
class Snapshot:
    """The database at one moment. `name` is what pg_dump is given."""

    name: str
    revision: str
    books: Books
    stamps: list[dict[str, str | int]]
    blobs: list[NeededBlob]


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine without a pool and without the gateway's time limits: dumps take their time."""
    engine = create_async_engine(
        database_url,
        poolclass=NullPool,
        connect_args={"timeout": 10, "server_settings": {"application_name": "stoa-backup"}},
    )
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def held_snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """A snapshot that other connections can see too, until the block ends."""
    async with engine.connect() as line:
        await line.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        name = str(await line.scalar(text("SELECT pg_export_snapshot()")))
        yield Snapshot(
            name=name,
            revision=await revision(line) or "",
            books=await books(line),
            stamps=[row[0] | {"versions": row[1]} for row in await line.execute(text(_STAMPS))],
            blobs=[
                *await _blobs(line, _FILE_BLOBS, Holds.FILE),
                *await _blobs(line, _TEXT_BLOBS, Holds.TEXT),
                *await _pictures(line),
            ],
        )


async def tables(line: AsyncConnection) -> list[str]:
    """The names of all tables but the one that holds the schema's number."""
    return list((await line.scalars(text(_TABLES))).all())


async def revision(line: AsyncConnection) -> str | None:
    """The number of the schema; None when there is none yet."""
    if await line.scalar(text(f"SELECT to_regclass('{REVISION_TABLE}') IS NULL")):
        return None
    return str(await line.scalar(text("SELECT version_num FROM alembic_version")))


async def books(line: AsyncConnection) -> Books:
    """How many rows each table has, and what the ledger adds up to."""
    counts = {
        # Names come from the catalogue of this database, quoted as PostgreSQL quotes them.
        name: int(await line.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0)  # noqa: S608 # nosec B608
        for name in await tables(line)
    }
    sums = [
        LedgerSum(currency=row[0], rows=row[1], amount_pico=row[2])
        for row in await line.execute(text(_LEDGER))
    ]
    return Books(counts, sums)


async def _pictures(line: AsyncConnection) -> list[NeededBlob]:
    # Taken between a new release's code and its `make migrate`, the table is not there yet.
    if await line.scalar(text("SELECT to_regclass('page_pictures')")) is None:
        return []
    return await _blobs(line, _PICTURE_BLOBS, Holds.PICTURE)


async def _blobs(line: AsyncConnection, query: str, holds: Holds) -> list[NeededBlob]:
    return [
        NeededBlob(row_id=row[0], key=row[1], sha256=row[2], holds=holds)
        for row in await line.execute(text(query))
    ]
