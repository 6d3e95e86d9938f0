"""An installation that somebody uses, and the means to make a second, empty one."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.migrate import migrate
from gateway.settings import Settings
from tests.integration.backup.places import (
    HANDBOOK,
    Installation,
    ask,
    installation,
    settings_for,
    simulated_engine,
)
from tests.support.engines import postgres_server
from tests.support.gateway import Databases, Person


@dataclass
class InUse:
    """The installation, its builder, and the answer she got before any backup."""

    here: Installation
    ada: Person
    collection_id: str
    file_id: str
    slug: str
    message: dict[str, Any]


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with simulated_engine(tmp_path_factory.mktemp("engine")) as url:
        yield url


@pytest.fixture
def in_use(databases: Databases, engine: str, tmp_path: Path) -> Iterator[InUse]:
    """An installation of one's own, to write to."""
    with installation(databases.fresh(), tmp_path / "old", engine) as here:
        yield moved_in(here)


@pytest.fixture(scope="package")
def standing(
    databases: Databases, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[InUse]:
    """The same for all tests that leave its rows as they are."""
    url = databases.empty()
    asyncio.run(migrate(url))
    with installation(url, tmp_path_factory.mktemp("standing"), engine) as here:
        yield moved_in(here)


def moved_in(here: Installation) -> InUse:
    """Members, a document that was read, a published assistant, an answer and its ledger row."""
    ada = here.gateway.enrol("Ada")
    _, collection = ada.post("/v1/vector_stores", {"name": "Rules"})
    file_id = here.add(ada, collection["id"], "handbook.md", HANDBOOK)
    here.work()
    resources = {"file_search": {"vector_store_ids": [collection["id"]]}}
    _, made = ada.post("/v1/assistants", {"name": "Guide", "tool_resources": resources})
    ada.post(f"/v1/assistants/{made['id']}/publish")
    message = ask(ada, made["slug"])
    assert message["annotations"]
    return InUse(here, ada, collection["id"], file_id, made["slug"], message)


@pytest.fixture
def empty(databases: Databases, tmp_path: Path) -> Settings:
    """The settings of an installation that nothing was done in, with nothing running."""
    return settings_for(databases.empty(), tmp_path / "new")


@pytest.fixture
def open_again(engine: str) -> Callable[[Settings, Path], Any]:
    """Starts an installation once more, after a restore."""

    def start(settings: Settings, folder: Path) -> Any:
        url = settings.database_url.get_secret_value()
        return installation(url, folder, engine, has_operator=False)

    return start
