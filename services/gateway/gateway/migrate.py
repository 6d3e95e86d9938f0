"""`python -m gateway.migrate`: bring the database to the newest schema.

Several processes may start at once: an advisory lock lets one of them work while the others wait,
and then find nothing to do.
"""

import asyncio
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.starting import refuse, settings_or_exit

SCRIPTS = Path(__file__).resolve().parents[1] / "migrations"
_MIGRATING = 0x53746F62


def migrations(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file to keep in step."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def migrate(database_url: str) -> None:
    """Apply every migration that is missing."""
    engine = create_async_engine(database_url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    # Held by the session, not by one transaction: each migration commits on its own.
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATING})
    connection.commit()
    try:
        # A migration that waits for a lock would make everybody behind it wait too.
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        command.upgrade(migrations(connection), "head")
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATING})
        connection.commit()


def main() -> None:
    """Migrate, or say in one sentence why not."""
    program = "gateway.migrate"
    settings = settings_or_exit(program)
    try:
        asyncio.run(migrate(settings.database_url.get_secret_value()))
    except (OSError, SQLAlchemyError) as error:
        refuse(program, f"the database refused ({type(error).__name__})", code=1)
    sys.stdout.write("The database has the newest schema.\n")


if __name__ == "__main__":
    main()
