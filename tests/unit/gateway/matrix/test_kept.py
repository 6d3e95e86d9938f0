"""What the matrices put back after each call, beside a gateway that goes on writing."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from gateway.accounts.tables import Member, Workspace
from tests.support.gateway import written
from tests.support.waiting import eventually
from tests.unit.gateway.matrix.kept import Kept

SOMEBODY_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def address(database_url: str) -> str:
    """A database with a member and a workspace in it."""
    ada = Member(
        id="mem_ada", email="a@example.org", name="Ada", password_hash="x", is_operator=False
    )
    asyncio.run(written(database_url, [ada, Workspace(id="ws_ada", name="Ada's")]))
    return database_url.replace("+asyncpg", "")


@pytest.fixture
def kept(address: str, tmp_path: Path) -> Iterator[Kept]:
    (tmp_path / "blobs").mkdir()
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(address))
        found = Kept(tmp_path, runner, connection)
        found.keep()
        yield found
        runner.run(connection.close())


async def write_crosswise(address: str, has_begun: threading.Event) -> None:
    """Change the workspace, and the member once somebody waits: each then waits for the other."""
    connection = await asyncpg.connect(address)
    async with connection.transaction():
        # It finds a deadlock before most others do: it is ended, unless they give way sooner.
        await connection.execute("SET LOCAL deadlock_timeout = '900ms'")
        await connection.execute("UPDATE workspaces SET name = 'Other'")
        has_begun.set()

        async def is_waited_for() -> bool:
            return bool(await connection.fetchval(SOMEBODY_WAITS))

        await eventually(is_waited_for, seconds=10, what="the putting back to wait")
        await connection.execute("UPDATE members SET name = 'Other'")
    await connection.close()


def test_changes_are_named_and_put_back(kept: Kept) -> None:
    kept.runner.run(kept.connection.execute("UPDATE members SET name = 'Other'"))
    (kept.folder / "blobs" / "new").write_text("new")
    changed = kept.changes()
    kept.put_back()

    assert (changed, kept.changes()) == ("blobs, members", "")


def test_whoever_writes_while_all_is_put_back_goes_first_and_is_not_ended(
    kept: Kept, address: str
) -> None:
    has_begun = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(asyncio.run, write_crosswise(address, has_begun))
        assert has_begun.wait(timeout=30)
        kept.put_back()
        writing.result(timeout=30)
    kept.put_back()

    assert kept.changes() == ""
