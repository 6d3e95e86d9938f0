"""Search by words in every vector store: BM25 whose rarity is counted within the scope."""

import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from contracts.passages import PassageBatch, WordWeights
from lexical.weights import passage_weights, question_weights, word_number
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.ports import NOW, CollectionView, Scope, VectorStore
from tests.contract.test_vector_stores import TWINS_KEY, server_at
from tests.support.qdrant_twin import qdrant_twin
from tests.support.retrieval import STAMP, batch_of_texts, read

ADAS, BOBS = "ws_ada", "ws_bob"
PLANS = Scope(ADAS, (CollectionView("vs_plans", NOW),))
HARBOUR = [
    "the harbour opens at six",
    "the harbour is closed",
    "bread is baked at five",
    "港口六点开放",
]


@pytest.fixture(scope="module")
def twin() -> Iterator[str]:
    with qdrant_twin(TWINS_KEY) as address:
        yield address


@pytest.fixture(params=["edge", "twin"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, twin: str
) -> AsyncIterator[VectorStore]:
    opened = (
        open_edge(tmp_path, STAMP) if request.param == "edge" else server_at(twin, TWINS_KEY, STAMP)
    )
    async with opened as store:
        yield store


async def publish(store: VectorStore, batch: PassageBatch, tenant: str = ADAS) -> None:
    await store.put(tenant, batch)
    await store.reveal(tenant, batch.document_version_id, 1)


async def found(
    store: VectorStore, question: str, scope: Scope = PLANS, *scripts: str
) -> dict[str, float]:
    words = question_weights(question)
    matches = await store.sharing_words(scope, words, scripts or ("latin", "han"), 100)
    return {hit.passage.passage_id: hit.score for hit in await read(store, scope.tenant, matches)}


async def test_the_passage_with_the_rarer_words_comes_first(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))

    assert list(await found(store, "when does the harbour open?")) == ["psg_v1_0", "psg_v1_1"]


async def test_the_score_is_bm25_over_the_scope(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))
    weights = passage_weights(HARBOUR[0])
    weight = weights.values[weights.indices.index(word_number("harbour"))]
    rarity = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))

    assert (await found(store, "harbour"))["psg_v1_0"] == pytest.approx(weight * rarity, rel=1e-5)


async def test_what_another_workspace_uploads_changes_no_score(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))
    before = await found(store, "harbour six")
    await publish(store, batch_of_texts("v2", *["the harbour at six"] * 50), tenant=BOBS)

    assert await found(store, "harbour six") == before


async def test_what_stands_in_a_collection_one_may_not_read_changes_no_score(
    store: VectorStore,
) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))
    before = await found(store, "harbour six")
    await publish(store, batch_of_texts("v2", *["the harbour"] * 50, collection="vs_secret"))

    assert await found(store, "harbour six") == before


async def test_rarity_counts_what_the_collection_holds_seen_or_not(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))
    await store.put(ADAS, batch_of_texts("v2", *["the harbour"] * 50))
    weights = passage_weights(HARBOUR[0])
    weight = weights.values[weights.indices.index(word_number("harbour"))]
    rarity = math.log(1 + (54 - 52 + 0.5) / (52 + 0.5))

    assert (await found(store, "harbour"))["psg_v1_0"] == pytest.approx(weight * rarity, rel=1e-5)


async def test_rarity_is_counted_over_all_collections_of_the_scope(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR[:2]))
    await publish(store, batch_of_texts("v2", *HARBOUR[2:], collection="vs_songs"))
    both = Scope(ADAS, (*PLANS.views, CollectionView("vs_songs", NOW)))
    weights = passage_weights(HARBOUR[0])
    weight = weights.values[weights.indices.index(word_number("harbour"))]
    rarity = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))

    assert (await found(store, "harbour", both))["psg_v1_0"] == pytest.approx(
        weight * rarity, rel=1e-5
    )


@pytest.mark.parametrize(
    ("question", "scripts", "hits"),
    [
        ("港口", ("han",), ["psg_v1_3"]),
        ("港口", ("latin",), []),
        ("港口 harbour", ("han", "latin"), ["psg_v1_0", "psg_v1_1", "psg_v1_3"]),
        ("港口", ("greek",), []),
    ],
)
async def test_words_are_looked_for_in_the_scripts_named(
    store: VectorStore, question: str, scripts: tuple[str, ...], hits: list[str]
) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))

    assert sorted(await found(store, question, PLANS, *scripts)) == hits


async def test_traditional_and_simplified_find_each_other(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", "軟體開發手冊", "软体开发手册", "面包"))

    assert sorted(await found(store, "软体开发")) == ["psg_v1_0", "psg_v1_1"]
    assert sorted(await found(store, "軟體開發")) == ["psg_v1_0", "psg_v1_1"]


@pytest.mark.parametrize("question", ["", "？！", "the of and", "\x00", "🏛"])
async def test_a_question_without_words_finds_nothing(store: VectorStore, question: str) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))

    assert await found(store, question) == {}


async def test_a_passage_without_words_is_kept_and_not_found(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", "*** --- ***", "harbour"))

    assert await store.count(ADAS, "v1") == 2
    assert list(await found(store, "harbour")) == ["psg_v1_1"]


async def test_no_grants_no_hits(store: VectorStore) -> None:
    await publish(store, batch_of_texts("v1", *HARBOUR))

    assert await found(store, "harbour", Scope(ADAS, ())) == {}
    assert await store.sharing_words(PLANS, WordWeights(), ("latin",), 10) == []
