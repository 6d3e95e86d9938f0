"""What the gateway must reach before it serves: a migrated database, the broker, the blobs."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

import asyncpg
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from contracts.errors import StoreError
from gateway.blobs import BlobsRefused
from gateway.database_address import why_unreachable
from gateway.migrate import migrations
from gateway.outside import mail_of
from gateway.settings import Settings
from gateway.wiring import blobs_of
from runtime.broker_probe import broker_probe
from runtime.probing import CONNECT_SECONDS, NotYet, Probe, listens, said_if_away
from runtime.starting import CannotStart

log = logging.getLogger(__name__)

_DATABASE = "GATEWAY_DATABASE_URL"
_PORT = 5432
_REMEDY = "run `make migrate` (python -m gateway.migrate)"
_HAS_SCHEMA = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_REVISION = text("SELECT version_num FROM alembic_version")
_PASSING = frozenset({"53300", "57P03"})  # no connection left; starting or stopping


def probes(settings: Settings) -> Sequence[Probe]:
    """In the order in which an operator would look."""
    redis_url = settings.shared.redis_url
    return (
        partial(_database_is_ready, settings.database_url.get_secret_value()),
        *(() if redis_url is None else (broker_probe(redis_url),)),
        partial(_blobs_are_ready, settings),
        said_if_away("GATEWAY_RETRIEVAL_URL", settings.retrieval_url),
        said_if_away("GATEWAY_INFERENCE_URL", settings.inference_url),
        partial(_mail_is_told_of, settings),
    )


async def _database_is_ready(database_url: str) -> None:
    url = _parsed(database_url)
    if url.host:
        await listens(_DATABASE, url.host, url.port or _PORT)
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"timeout": CONNECT_SECONDS})
    try:
        async with engine.connect() as connection:
            found = await _revision(connection)
    except (OSError, SQLAlchemyError, asyncpg.PostgresError) as error:
        reason = why_unreachable(database_url, error)
        raise (NotYet if _will_pass(error) else CannotStart)(reason) from None
    finally:
        await engine.dispose()
    check_revision(found)


def _parsed(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise CannotStart(why_unreachable(database_url, error)) from None
    if url.drivername != "postgresql+asyncpg":
        raise CannotStart(f"{_DATABASE}: the address must begin with postgresql+asyncpg://")
    return url


def _will_pass(error: Exception) -> bool:
    """Nobody answers yet, or the server is busy with itself; a refusal stays one."""
    state = getattr(getattr(error, "orig", None) or error, "sqlstate", None)
    return state is None or state in _PASSING


async def _revision(connection: AsyncConnection) -> str | None:
    if await connection.scalar(_HAS_SCHEMA) is not True:
        return None
    revision: str | None = await connection.scalar(_REVISION)
    return revision


def check_revision(found: str | None) -> None:
    """Hold the schema of the database against the migrations that came with this code."""
    scripts = ScriptDirectory.from_config(migrations())
    known = [script.revision for script in scripts.walk_revisions()]
    newest = known[0]
    if found == newest:
        return
    if found is None:
        raise NotYet(f"{_DATABASE}: the database has no tables yet; {_REMEDY}")
    if found in known:
        raise NotYet(
            f"{_DATABASE}: the database has schema {found}, and this version of Stoa needs "
            f"{newest}; {_REMEDY}"
        )
    raise CannotStart(
        f"{_DATABASE}: the database has schema {found}, which is newer than this version of Stoa "
        f"knows ({newest}); install the newer Stoa"
    )


async def _mail_is_told_of(settings: Settings) -> None:
    """Letters can wait, so nothing waits for their server; but a wrong setting is said at once."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await mail_of(settings).check()
    except (StoreError, TimeoutError) as error:
        reason = error.message if isinstance(error, StoreError) else "it does not answer in time"
        host = settings.mail.host
        where = "STOA_HOME" if host is None else f"GATEWAY_MAIL__HOST={host}:{settings.mail.port}"
        log.warning("starting all the same: no letters leave: %s: %s", where, reason)


async def _blobs_are_ready(settings: Settings) -> None:
    where = "GATEWAY_BLOBS_URL"
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await blobs_of(settings).check()
    except BlobsRefused as error:
        raise CannotStart(f"{where}: {error.message}") from None
    except StoreError as error:
        raise NotYet(f"{where}: {error.message}") from None
    except PermissionError as error:
        raise CannotStart(f"{where}: the folder cannot be written ({error.strerror})") from None
    except OSError as error:
        raise NotYet(f"{where}: {error.strerror or type(error).__name__}") from None
