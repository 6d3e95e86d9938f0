"""Ada's and Bob's workspaces in one running retrieval."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.main import build_app
from tests.support.retrieval import STAMP, retrieval_settings
from tests.support.sparse_copies import copy_folder
from tests.unit.retrieval.callers import Caller, writer


@pytest.fixture(scope="session")
def empty_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied for each test: making one waits a second for a busy disk."""
    folder = tmp_path_factory.mktemp("empty") / "index"

    async def make() -> None:
        async with open_edge(folder, STAMP):
            pass

    asyncio.run(make())
    return folder


@pytest.fixture
def retrieval(tmp_path: Path, empty_index: Path) -> Iterator[TestClient]:
    settings = retrieval_settings(tmp_path)
    copy_folder(empty_index, settings.index_path)
    with TestClient(build_app(settings)) as http:
        yield http


@pytest.fixture
def ada(retrieval: TestClient) -> Caller:
    return writer(retrieval, "ws_ada")


@pytest.fixture
def bob(retrieval: TestClient) -> Caller:
    """His collection happens to have the same name as Ada's."""
    return writer(retrieval, "ws_bob")
