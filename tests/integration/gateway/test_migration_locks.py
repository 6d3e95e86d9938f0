"""Migrations beside a transaction that holds what they need: bounded, whole, and explained."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from gateway.migrate import NotMigrated, migrate
from gateway.settings import MigrationLimits
from tests.support.gateway import Databases, changed, found

IMPATIENT = MigrationLimits(lock_seconds=1, attempts=2, turn_seconds=0.5, longest_pause_seconds=0)
BEFORE_INVITES = "0003"


@pytest.fixture
def url(databases: Databases) -> str:
    """A database that misses the newest migrations."""
    database_url = databases.empty()
    asyncio.run(migrate(database_url, target=BEFORE_INVITES))
    return database_url


@asynccontextmanager
async def transaction(url: str, *statements: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that somebody left open."""
    line = await asyncpg.connect(
        url.replace("+asyncpg", ""), server_settings={"application_name": "a report"}
    )
    try:
        await line.execute("BEGIN")
        for statement in statements:
            await line.execute(statement)
        yield line
    finally:
        await line.close()


async def test_a_held_table_is_named_with_its_holder_and_nothing_is_done(url: str) -> None:
    async with transaction(url, "LOCK TABLE workspaces IN ROW EXCLUSIVE MODE") as line:
        holder = line.get_server_pid()
        with pytest.raises(NotMigrated) as refused:
            await migrate(url, IMPATIENT)
        revision = await found(url, "SELECT version_num FROM alembic_version")
        tables = await found(url, "SELECT to_regclass('invites')::text")

    assert "0004_invite_members needs the table workspaces" in str(refused.value)
    assert f"process {holder} of the database (a report, idle in transaction" in str(refused.value)
    assert (revision, tables) == ([(BEFORE_INVITES,)], [(None,)])


async def test_others_wait_no_longer_than_the_lock_time_out(url: str) -> None:
    async with transaction(url, "LOCK TABLE workspaces IN ROW EXCLUSIVE MODE"):
        migrating = asyncio.ensure_future(migrate(url, IMPATIENT))
        longest_seconds = 0.0
        while not migrating.done():
            began = time.monotonic()
            await changed(url, "INSERT INTO workspaces (id, name) VALUES (gen_random_uuid(), 'w')")
            longest_seconds = max(longest_seconds, time.monotonic() - began)
        outcome = migrating.exception()

    assert isinstance(outcome, NotMigrated)
    assert 0.3 < longest_seconds < IMPATIENT.lock_seconds + 10


async def test_once_the_table_is_free_a_second_run_succeeds(url: str) -> None:
    async with transaction(url, "LOCK TABLE workspaces IN ROW EXCLUSIVE MODE"):
        with pytest.raises(NotMigrated):
            await migrate(url, IMPATIENT)

    await migrate(url, IMPATIENT)

    assert await found(url, "SELECT to_regclass('invites')::text") == [("invites",)]


async def test_a_lock_given_back_meanwhile_is_taken_by_a_later_attempt(url: str) -> None:
    patient = MigrationLimits(lock_seconds=1, attempts=8, longest_pause_seconds=0.2)
    async with transaction(url, "LOCK TABLE workspaces IN ROW EXCLUSIVE MODE") as line:
        migrating = asyncio.ensure_future(migrate(url, patient))
        await asyncio.wait([migrating], timeout=1.5)  # longer than one attempt may last
        assert not migrating.done()
        await line.execute("COMMIT")
        await migrating

    assert await found(url, "SELECT to_regclass('invites')::text") == [("invites",)]


async def test_another_migration_at_work_is_waited_for_and_then_named(url: str) -> None:
    async with transaction(url, f"SELECT pg_advisory_lock({0x53746F62})") as line:
        holder = line.get_server_pid()
        with pytest.raises(NotMigrated, match=f"process {holder} .*a report"):
            await migrate(url, IMPATIENT)


async def test_a_newer_schema_is_named(url: str) -> None:
    await changed(url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(NotMigrated, match="schema 9999, which is newer than this version"):
        await migrate(url, IMPATIENT)
