"""Gateways as their settings make them: open or by invite, with a mail server or without."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.engines import postgres_server
from tests.support.gateway import (
    Databases,
    Person,
    RunningGateway,
    gateway_settings,
    running_gateway,
)
from tests.support.mail import PostBox, mail_server

Opens = Callable[..., RunningGateway]


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture
def database_url(databases: Databases) -> str:
    return databases.fresh()


@pytest.fixture(scope="module")
def server() -> Iterator[PostBox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def post(server: PostBox) -> PostBox:
    """A mail server with an empty box."""
    server.letters.clear()
    return server


@pytest.fixture
def opens(database_url: str, tmp_path: Path) -> Iterator[Opens]:
    """Starts gateways over one database; each argument is a field of the settings."""
    with ExitStack() as closing:

        def start(**fields: Any) -> RunningGateway:
            settings = gateway_settings(database_url, tmp_path, **fields)
            return closing.enter_context(running_gateway(database_url, tmp_path, settings=settings))

        yield start


@pytest.fixture
def gateway(opens: Opens) -> RunningGateway:
    """As it is by default: by invite, letters in a folder."""
    return opens()


@pytest.fixture
def operator(gateway: RunningGateway) -> Person:
    return gateway.enrol("Olivia", is_operator=True)


@pytest.fixture
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol("Ada")


@pytest.fixture
def bob(gateway: RunningGateway) -> Person:
    return gateway.enrol("Bob")
