"""Ada and Bob, each with a workspace, in one running gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import postgres_server
from tests.support.gateway import Databases, Person, RunningGateway, running_gateway


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture
def database_url(databases: Databases) -> str:
    return databases.fresh()


@pytest.fixture
def gateway(database_url: str, tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(database_url, tmp_path) as running:
        yield running


@pytest.fixture
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol("Ada")


@pytest.fixture
def bob(gateway: RunningGateway) -> Person:
    return gateway.enrol("Bob")


@pytest.fixture
def assistant_of_ada(ada: Person) -> str:
    _, assistant = ada.post("/v1/assistants", {"name": "Atlas"})
    made: str = assistant["id"]
    return made
