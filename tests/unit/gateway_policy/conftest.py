"""Ada and Bob, each with a workspace, Bea beside Ada: new ones for each test of one gateway."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.accounts import Power
from tests.support.engines import postgres_server
from tests.support.gateway import Databases, Person, RunningGateway, running_gateway

Enrol = Callable[..., Person]


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture(scope="module")
def gateway(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """One for all tests of a module: each has people, and so workspaces, of its own."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    with running_gateway(databases.fresh(), folder) as running:
        yield running


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
def enrol(gateway: RunningGateway, numbers: Iterator[int]) -> Enrol:
    """Somebody whose name nobody else in the gateway has; they differ in their digits only."""

    def enrolled(name: str, power: Power = Power.OWNER, beside: Person | None = None) -> Person:
        return gateway.enrol(f"{name}{next(numbers)}", power=power, beside=beside)

    return enrolled


@pytest.fixture
def ada(enrol: Enrol) -> Person:
    return enrol("Ada")


@pytest.fixture
def bea(enrol: Enrol, ada: Person) -> Person:
    """A member of Ada's workspace."""
    return enrol("Bea", Power.MEMBER, ada)


@pytest.fixture
def cleo(enrol: Enrol, ada: Person) -> Person:
    """Another member of it."""
    return enrol("Cleo", Power.MEMBER, ada)


@pytest.fixture
def gus(enrol: Enrol, ada: Person) -> Person:
    """A guest of it."""
    return enrol("Gus", Power.GUEST, ada)


@pytest.fixture
def bob(enrol: Enrol) -> Person:
    return enrol("Bob")
