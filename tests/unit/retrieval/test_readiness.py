"""Ready means that embedding and the index were tried and worked."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from embedding.adapters.embedder_hashing import HashingEmbedder
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.admission import Admission
from retrieval.embeddings.service import EmbeddingService
from retrieval.ports import IndexUnavailable, VectorStore
from retrieval.self_tests import PROBE_EVERY_SECONDS, EmbeddingTest, IndexTest, SelfTestFailed
from retrieval.tenancy import SELF_TEST_TENANT
from runtime.health import SelfTests
from tests.support.retrieval import STAMP
from tests.unit.retrieval.other_stores import Blind, Stubborn, Watched


class LyingEmbedder(HashingEmbedder):
    """Makes vectors that are not of unit length."""

    def embed_question(self, text: str) -> list[float]:
        return [2 * number for number in super().embed_question(text)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[VectorStore]:
    async with open_edge(tmp_path, STAMP) as store:
        yield store


def test_a_working_retrieval_is_ready(retrieval: TestClient) -> None:
    answer = retrieval.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert {check["name"] for check in answer.json()["checks"]} == {"embedding", "index"}


async def test_a_probe_leaves_nothing_behind(store: VectorStore) -> None:
    await IndexTest(store, STAMP)()

    assert await store.count(SELF_TEST_TENANT, SELF_TEST_TENANT) == 0


async def test_an_index_that_finds_nothing_is_not_ready(store: VectorStore) -> None:
    with pytest.raises(SelfTestFailed):
        await IndexTest(Blind(store), STAMP)()


async def test_an_index_that_cannot_delete_is_not_ready(store: VectorStore) -> None:
    with pytest.raises(SelfTestFailed):
        await IndexTest(Stubborn(store), STAMP)()


async def test_a_probe_is_written_now_and_then_not_at_every_question(store: VectorStore) -> None:
    watched, now = Watched(store), [0.0]
    check = IndexTest(watched, STAMP, clock=lambda: now[0])

    for now[0] in (0.0, 1.0, PROBE_EVERY_SECONDS - 1.0, PROBE_EVERY_SECONDS):
        await check()

    assert watched.writes == 2


async def test_an_index_that_stops_answering_is_noticed_at_once(store: VectorStore) -> None:
    watched = Watched(store)
    check = IndexTest(watched, STAMP)
    await check()

    watched.is_broken = True

    with pytest.raises(IndexUnavailable):
        await check()


async def test_two_who_ask_at_once_do_not_spoil_each_others_probe(store: VectorStore) -> None:
    check = IndexTest(store, STAMP, clock=lambda: 0.0)

    await asyncio.gather(*(check() for _ in range(5)))


async def test_a_model_that_makes_odd_vectors_is_not_ready() -> None:
    embeddings = EmbeddingService(LyingEmbedder(), Admission(1, 1), cached_questions=1)

    readiness = await SelfTests({"embedding": EmbeddingTest(embeddings)}).run()

    assert not readiness.ready
    assert "unit vector" in readiness.checks[0].detail
