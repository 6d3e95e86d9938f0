"""The copy of the embedded index: taken between two writes, put back only into emptiness."""

import asyncio
import itertools
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from contracts.passages import EmbeddingStamp
from contracts.principal import Principal
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.restore_index import NotPutBack, put_back
from runtime.service_auth import ServiceTokens
from tests.support.retrieval import SECRET, batch_of

STAMP = EmbeddingStamp(model_id="tiny/compass", dimension=4, revision="0123456789abcdef")
NORTH = [1.0, 0.0, 0.0, 0.0]


def _bearer(principal: Principal) -> dict[str, str]:
    token = ServiceTokens(SECRET.encode(), "gateway").sign("retrieval", principal)
    return {"authorization": f"Bearer {token}"}


async def _holds(index: Path, version: str) -> int:
    async with open_edge(index, STAMP) as store:
        return await store.count("ws_ada", version)


async def _filled(index: Path, copy: Path) -> None:
    async with open_edge(index, STAMP) as store:
        await store.put("ws_ada", batch_of(STAMP, "v1", [NORTH] * 30))
        await store.copy_to(copy)


async def test_a_copy_taken_under_writes_holds_what_was_acknowledged_before(
    tmp_path: Path,
) -> None:
    index, copy = tmp_path / "index", tmp_path / "copy.tar.gz"
    async with open_edge(index, STAMP) as store:
        await store.put("ws_ada", batch_of(STAMP, "before", [NORTH] * 30))
        stop = asyncio.Event()

        async def write() -> None:
            for number in itertools.count():
                await store.put("ws_ada", batch_of(STAMP, f"w{number}", [NORTH] * 20))
                if stop.is_set():
                    return

        async with asyncio.TaskGroup() as group:
            group.create_task(write())
            await store.copy_to(copy)
            stop.set()

    put_back(copy, tmp_path / "new")

    assert await _holds(tmp_path / "new", "before") == 30
    assert await _holds(tmp_path / "new", "w0") in (0, 20)


async def test_an_index_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    await _filled(tmp_path / "index", tmp_path / "copy.tar.gz")
    await _filled(tmp_path / "other", tmp_path / "second.tar.gz")

    with pytest.raises(NotPutBack, match="holds 30 passages already"):
        put_back(tmp_path / "copy.tar.gz", tmp_path / "other")


async def test_an_index_in_use_is_left_alone(tmp_path: Path) -> None:
    await _filled(tmp_path / "index", tmp_path / "copy.tar.gz")
    async with open_edge(tmp_path / "other", STAMP):
        with pytest.raises(NotPutBack, match="in use"):
            put_back(tmp_path / "copy.tar.gz", tmp_path / "other")


async def test_an_index_that_was_made_and_never_filled_is_replaced(tmp_path: Path) -> None:
    await _filled(tmp_path / "index", tmp_path / "copy.tar.gz")
    async with open_edge(tmp_path / "other", STAMP):
        pass

    put_back(tmp_path / "copy.tar.gz", tmp_path / "other")

    assert await _holds(tmp_path / "other", "v1") == 30


async def test_a_broken_copy_changes_nothing(tmp_path: Path) -> None:
    await _filled(tmp_path / "index", tmp_path / "copy.tar.gz")
    whole = (tmp_path / "copy.tar.gz").read_bytes()
    (tmp_path / "copy.tar.gz").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(NotPutBack, match="cannot be unpacked"):
        put_back(tmp_path / "copy.tar.gz", tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_only_a_service_that_speaks_for_itself_gets_the_copy(
    retrieval: TestClient, tmp_path: Path
) -> None:
    of_ada = retrieval.get("/v1/index", headers=_bearer(Principal(workspace_id="ws", write=True)))
    of_reader = retrieval.get("/v1/index", headers=_bearer(Principal()))
    of_gateway = retrieval.get("/v1/index", headers=_bearer(Principal(write=True)))

    assert (of_ada.status_code, of_reader.status_code) == (403, 403)
    assert retrieval.get("/v1/index").status_code == 401
    assert of_gateway.status_code == 200
    assert of_gateway.content[:2] == b"\x1f\x8b"
    assert list(tmp_path.rglob("copy-*.tar.gz")) == []
