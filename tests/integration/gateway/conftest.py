"""Real engines for what only they can prove."""

from collections.abc import Iterator

import pytest

from laptop.valkey import ValkeyServer
from tests.support.engines import postgres_server, valkey_server
from tests.support.gateway import Databases


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """A broker of one's own: tests stop it."""
    with valkey_server() as server:
        yield server
