"""One installation of real processes, with a collector; each test looks at another side of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.migrate import migrate
from laptop.postgres import PostgresServer
from laptop.valkey import ValkeyServer
from tests.integration.operate.road import Road, travelled
from tests.support.collector import Collector
from tests.support.engines import free_port, postgres_server, valkey_server
from tests.support.gateway import Databases
from tests.support.processes import Five, running_five
from tests.support.serving import served


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    with valkey_server() as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> Databases:
    return Databases(postgres)


@pytest.fixture(scope="session")
def migrated(databases: Databases) -> str:
    """The address of a database with the newest schema."""
    address = databases.empty()
    asyncio.run(migrate(address))
    return address


@pytest.fixture(scope="session")
def collector() -> Collector:
    return Collector()


@pytest.fixture(scope="session")
def five(
    migrated: str,
    valkey: ValkeyServer,
    collector: Collector,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Five]:
    folder: Path = tmp_path_factory.mktemp("five")
    with (
        served(collector.app) as address,
        running_five(
            folder,
            migrated,
            valkey.address(),
            STOA_OTLP_URL=address,
            INGEST_METRICS_PORT=str(free_port()),
            STOA_STOP_SECONDS="3",
        ) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def road(five: Five) -> Road:
    """One upload and one question by web, one question by API: all seen from outside."""
    return travelled(five)
