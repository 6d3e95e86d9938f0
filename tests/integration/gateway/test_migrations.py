"""Migrations on real PostgreSQL: one line, complete, safe when several processes start."""

import asyncio
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.migrate import SCRIPTS, migrate, migrations
from gateway.schema import METADATA
from tests.support.gateway import Databases, found


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return list(compare_metadata(context, METADATA))


@pytest.fixture
def empty_url(databases: Databases) -> str:
    return databases.empty()


async def test_migrations_make_exactly_the_tables_of_the_code(empty_url: str) -> None:
    await migrate(empty_url)
    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()

    assert differences == []


async def test_several_processes_migrate_at_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    versions = await found(empty_url, "SELECT version_num FROM alembic_version")

    assert versions == [(ScriptDirectory.from_config(migrations()).get_current_head(),)]


def test_migrations_are_numbered_in_one_line_and_head_names_the_last() -> None:
    files = sorted(path.stem for path in (SCRIPTS / "versions").glob("*.py"))
    script = ScriptDirectory.from_config(migrations())
    line = [revision.revision for revision in script.walk_revisions()]

    assert all(re.fullmatch(r"\d{4}_[a-z]+(_[a-z]+)+", name) for name in files)
    assert [name[:4] for name in files] == sorted(line)
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert (Path(SCRIPTS) / "HEAD").read_text().strip() == files[-1]
