"""A database with a workspace that pays, and what reserves and settles in it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.engines import postgres_server
from tests.support.gateway import Databases
from tests.unit.gateway_money.purse import Purse, opened_purse


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture
def database_url(databases: Databases) -> str:
    return databases.fresh()


@pytest.fixture
async def purse(database_url: str) -> AsyncIterator[Purse]:
    async with opened_purse(database_url) as purse:
        yield purse
