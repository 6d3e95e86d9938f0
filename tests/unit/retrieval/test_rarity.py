"""The embedded index counts words itself: the scores stay those that BM25 gives by definition."""

import itertools
import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.passages import PassageBatch, PassageVector, WordWeights
from retrieval.adapters.edge_places import Place, weighed
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.ports import NOW, CollectionView, Scope, VectorStore
from tests.support.retrieval import read
from tests.unit.retrieval.edge_writer import STAMP

stories = itertools.count()
Texts = list[list[int]]
"""Passages as the numbers of their words."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[VectorStore]:
    async with open_edge(tmp_path, STAMP) as store:
        yield store


def batch(version: str, texts: Texts) -> PassageBatch:
    return PassageBatch(
        stamp=STAMP,
        collection_id="vs_plans",
        document_id=f"file-of-{version}",
        document_version_id=version,
        passages=[
            PassageVector(
                passage_id=f"psg_{version}_{index}",
                index=index,
                vector=[1.0, 0.0, 0.0, 0.0],
                words=WordWeights(indices=sorted(words), values=[1.5] * len(words)),
                scripts=["latin"],
            )
            for index, words in enumerate(texts)
        ],
    )


def bm25(held: dict[str, Texts], asked: list[int]) -> dict[str, float]:
    """Every passage that shares a word, and the sum over the words by definition."""
    passages = {f"psg_{v}_{i}": words for v, texts in held.items() for i, words in enumerate(texts)}
    corpus = {name: words for name, words in passages.items() if words}  # Qdrant's population

    def rarity(word: int) -> float:
        holding = sum(word in words for words in corpus.values())
        return math.log(1 + (len(corpus) - holding + 0.5) / (holding + 0.5))

    shared = {name: set(words) & set(asked) for name, words in corpus.items()}
    return {
        name: sum(1.5 * rarity(word) for word in words) for name, words in shared.items() if words
    }


async def scores(store: VectorStore, tenant: str, asked: list[int]) -> dict[str, float]:
    scope = Scope(tenant, (CollectionView("vs_plans", NOW),))
    words = WordWeights(indices=sorted(asked), values=[1.0] * len(asked))
    matches = await store.sharing_words(scope, words, ["latin"], 100)
    return {hit.passage.passage_id: hit.score for hit in await read(store, tenant, matches)}


WORDS = st.lists(st.integers(1, 5), unique=True, max_size=4)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "delete", "look"]),
        st.sampled_from(["v1", "v2", "v3"]),
        st.lists(WORDS, min_size=1, max_size=3),
    ),
    max_size=10,
)


@settings(
    max_examples=60,
    deadline=None,
    # One index for all stories: each has a tenant, and so versions, of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=STEPS, asked=st.lists(st.integers(1, 5), unique=True, min_size=1))
async def test_whatever_is_put_and_removed_the_scores_are_those_of_what_is_held(
    store: VectorStore, story: list[tuple[str, str, Texts]], asked: list[int]
) -> None:
    tenant, held = f"ws_{next(stories)}", dict[str, Texts]()
    for verb, version, texts in story:
        own = f"{version}-{tenant}"
        if verb == "put" and own not in held:
            await store.put(tenant, batch(own, texts))
            await store.reveal(tenant, own, 1)
            held[own] = texts
        elif verb == "delete":
            await store.delete(tenant, own)
            held.pop(own, None)
        else:
            await scores(store, tenant, asked)  # the index begins to remember

    assert await scores(store, tenant, asked) == pytest.approx(bm25(held, asked), rel=1e-4)
    await store.delete(tenant, "v_nowhere")  # after this the collection is remembered for certain
    assert await scores(store, tenant, asked) == pytest.approx(bm25(held, asked), rel=1e-4)


async def test_a_second_try_with_other_words_counts_those(store: VectorStore) -> None:
    await store.put("ws_ada", batch("v1", [[1], [1]]))
    await scores(store, "ws_ada", [1])
    await store.put("ws_ada", batch("v1", [[1], [2]]))
    await store.reveal("ws_ada", "v1", 1)

    for _ in range(2):
        expected = bm25({"v1": [[1], [2]]}, [1])
        assert await scores(store, "ws_ada", [1]) == pytest.approx(expected, rel=1e-4)
        await store.delete("ws_ada", "v_nowhere")


def places(*kept: bool) -> Iterator[Place]:
    for is_kept in kept:
        place = Place()
        place.add([[1]])
        if not is_kept:
            place.holding = None
        yield place


def test_words_not_kept_are_left_to_the_index() -> None:
    asked = WordWeights(indices=[1], values=[1.0])

    assert weighed(asked, list(places(True, False))) is None
    assert weighed(asked, list(places(True, True))) is not None
