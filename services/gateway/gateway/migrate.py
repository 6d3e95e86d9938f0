"""`python -m gateway.migrate`: bring the database to the newest schema, while Stoa runs or not.

Several processes may start at once: an advisory lock lets one of them work while the others wait,
and then find nothing to do. A migration that needs a table which somebody holds gives up after
`GATEWAY_MIGRATION__LOCK_SECONDS`, because everybody else queues behind it meanwhile, and is tried
again a little later. Each migration is one transaction: it is done, or nothing of it is.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from asyncpg import PostgresError
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from gateway.database_address import why_unreachable
from gateway.settings import MigrationLimits
from gateway.starting import refuse, settings_or_exit

SCRIPTS = Path(__file__).resolve().parents[1] / "migrations"
PROGRAM = "gateway.migrate"
_MIGRATING = 0x53746F62
_LOOK_SECONDS = 0.2
_LOCK_NOT_GIVEN = "55P03"
_RAN_TOO_LONG = "57014"

_TURN = text("SELECT pg_try_advisory_lock(:key)")
_END_TURN = text("SELECT pg_advisory_unlock(:key)")
_WHOSE_TURN = text(
    "SELECT a.pid, a.application_name, extract(epoch FROM now() - a.backend_start)::int"
    " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objid::bigint = :key"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# The oldest transaction that holds a table named in the statement which could not go on.
_WHO_HOLDS = text(
    "SELECT c.relname, a.pid, a.application_name, a.state,"
    " extract(epoch FROM now() - a.xact_start)::int"
    " FROM pg_locks l JOIN pg_class c ON c.oid = l.relation AND c.relkind = 'r'"
    " JOIN pg_stat_activity a ON a.pid = l.pid AND a.pid <> pg_backend_pid()"
    " WHERE l.granted AND a.datname = current_database()"
    " AND :statement ~ ('\\m' || c.relname || '\\M')"
    " ORDER BY a.xact_start LIMIT 1"
)
_HAS_SCHEMA = text("SELECT to_regclass('alembic_version') IS NOT NULL")


class NotMigrated(Exception):
    """The schema is not the newest; the message is one sentence about why."""


def migrations(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file to keep in step."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def migrate(
    database_url: str, limits: MigrationLimits | None = None, target: str = "head"
) -> None:
    """Apply every migration that is missing, up to `target`. Raises NotMigrated."""
    limits = limits or MigrationLimits()
    engine = create_async_engine(
        database_url,
        poolclass=NullPool,
        connect_args={
            "timeout": limits.connect_seconds,
            "server_settings": {
                "application_name": "stoa-migrate",
                "lock_timeout": f"{limits.lock_seconds}s",
                "statement_timeout": f"{limits.statement_seconds}s",
            },
        },
    )
    try:
        async with engine.connect() as connection:
            await _wait_for_turn(connection, limits.turn_seconds)
            try:
                await _upgrade(connection, limits, target)
            finally:
                await connection.rollback()
                await _ask(connection, _END_TURN, key=_MIGRATING)
    finally:
        await engine.dispose()


async def _wait_for_turn(connection: AsyncConnection, seconds: float) -> None:
    # Held by the session, not by one transaction: each migration commits on its own.
    ends_at = time.monotonic() + seconds
    while await _ask(connection, _TURN, key=_MIGRATING) != (True,):
        if time.monotonic() > ends_at:
            pid, name, age = await _ask(connection, _WHOSE_TURN, key=_MIGRATING) or (0, "", 0)
            who = f"process {pid} of the database ({name or 'no name'}, connected for {age} s)"
            raise NotMigrated(f"another migration has been at work for {seconds:g} s: {who}")
        await asyncio.sleep(_LOOK_SECONDS)


async def _upgrade(connection: AsyncConnection, limits: MigrationLimits, target: str) -> None:
    for attempt in range(1, limits.attempts + 1):
        try:
            await connection.run_sync(lambda sync: command.upgrade(migrations(sync), target))
        except CommandError:
            raise NotMigrated(await _is_newer(connection)) from None
        except DBAPIError as error:
            await connection.rollback()
            state = getattr(error.orig, "sqlstate", None)
            if state == _RAN_TOO_LONG:
                raise NotMigrated(await _too_long(connection, limits)) from error
            if state != _LOCK_NOT_GIVEN:
                raise
            if attempt == limits.attempts:
                raise NotMigrated(await _is_held(connection, error.statement or "")) from error
            # Whoever waited behind us goes first.
            await asyncio.sleep(min(2**attempt / 2, limits.longest_pause_seconds))
        else:
            return


async def _is_held(connection: AsyncConnection, statement: str) -> str:
    name = await _next_migration(connection)
    row = await _ask(connection, _WHO_HOLDS, statement=statement)
    if row is None:
        return f"{name} did not get its lock, and nothing of it was done; try again"
    table, pid, program, state, age = row
    who = f"process {pid} of the database ({program or 'no name'}, {state}, for {age} s)"
    return f"{name} needs the table {table}, which {who} holds; nothing of it was done"


async def _too_long(connection: AsyncConnection, limits: MigrationLimits) -> str:
    name = await _next_migration(connection)
    return (
        f"a statement of {name} ran longer than {limits.statement_seconds} s"
        " (GATEWAY_MIGRATION__STATEMENT_SECONDS); nothing of it was done"
    )


async def _is_newer(connection: AsyncConnection) -> str:
    await connection.rollback()
    newest = ScriptDirectory.from_config(migrations()).get_current_head()
    return (
        f"the database has schema {await _revision(connection)}, which is newer than this"
        f" version of Stoa knows ({newest}): install the newer Stoa again"
    )


async def _next_migration(connection: AsyncConnection) -> str:
    current = await _revision(connection)
    for script in ScriptDirectory.from_config(migrations()).walk_revisions():
        if script.down_revision == current:
            return Path(script.path).stem
    return "a migration"


async def _revision(connection: AsyncConnection) -> str | None:
    if await _ask(connection, _HAS_SCHEMA) != (True,):
        return None
    row = await _ask(connection, text("SELECT version_num FROM alembic_version"))
    return None if row is None else str(row[0])


async def _ask(
    connection: AsyncConnection, query: TextClause, **values: object
) -> tuple[Any, ...] | None:
    row = (await connection.execute(query, values)).first()
    await connection.commit()
    return None if row is None else tuple(row)


def main() -> None:
    """Migrate, or say in one sentence why not."""
    settings = settings_or_exit(PROGRAM)
    url = settings.database_url.get_secret_value()
    try:
        asyncio.run(migrate(url, settings.migration))
    except NotMigrated as reason:
        refuse(PROGRAM, str(reason), code=1)
    except (OSError, SQLAlchemyError, PostgresError) as error:
        refuse(PROGRAM, why_unreachable(url, error), code=1)
    sys.stdout.write("The database has the newest schema.\n")


if __name__ == "__main__":
    main()
