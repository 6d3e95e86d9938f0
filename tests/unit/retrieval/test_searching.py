"""Questions find what is nearest, within bounds."""

import asyncio
from pathlib import Path

import pytest

from contracts.passages import EmbeddingRequest, SearchRequest
from contracts.principal import Principal
from embedding.adapters.embedder_hashing import HashingEmbedder
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.admission import Admission, RetrievalBusy
from retrieval.embeddings.service import EmbeddingService, TextTooLong
from retrieval.search.service import SearchService
from tests.support.retrieval import EMBEDDER, STAMP
from tests.unit.retrieval.callers import Caller
from tests.unit.retrieval.other_stores import Slow


class CountingEmbedder(HashingEmbedder):
    """The hashing twin, which also counts the questions it was asked."""

    questions = 0

    def embed_question(self, text: str) -> list[float]:
        self.questions += 1
        return super().embed_question(text)


def embeddings_with(
    embedder: HashingEmbedder, cached_questions: int = 2, waiting: int = 8
) -> EmbeddingService:
    return EmbeddingService(embedder, Admission(1, waiting), cached_questions)


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("When does the harbour open?", "psg_v1_0"),
        ("Who bakes bread?", "psg_v1_1"),
        ("港口几点开放", "psg_v1_2"),
    ],
)
def test_the_nearest_text_comes_first(ada: Caller, question: str, nearest: str) -> None:
    ada.publish("v1", "the harbour does open at six", "the one who bakes bread", "港口六点开放")

    assert ada.ask(question)[0] == nearest


def test_a_search_gives_no_more_than_its_limit(ada: Caller) -> None:
    ada.publish("v1", *[f"harbour {n}" for n in range(5)])

    assert len(ada.ask("harbour", limit=3)) == 3


def test_a_question_may_be_narrowed_to_some_versions(ada: Caller) -> None:
    ada.publish("v1", "the harbour")
    ada.publish("v2", "the harbour")
    _, found = ada.send("POST", "/v1/search", {"query": "harbour", "only_versions": ["v2"]})
    _, nothing = ada.send("POST", "/v1/search", {"query": "harbour", "only_versions": []})

    assert [hit["passage_id"] for hit in found["hits"]] == ["psg_v2_0"]
    assert nothing["hits"] == []


def test_a_result_names_the_stamp_of_its_vectors(ada: Caller) -> None:
    _, found = ada.send("POST", "/v1/search", {"query": "harbour"})

    assert found["stamp"] == STAMP.model_dump()
    assert ada.send("GET", "/v1/stamp")[1] == STAMP.model_dump()


@pytest.mark.parametrize(
    "body",
    [
        {"query": ""},
        {"query": "x" * 8_001},
        {"query": "x", "limit": 0},
        {"query": "x", "limit": 101},
        {},
    ],
)
def test_a_question_out_of_bounds_is_refused(ada: Caller, body: dict[str, object]) -> None:
    status, problem = ada.send("POST", "/v1/search", body)

    assert (status, problem["error"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("query", [" ", "\x00", "？", "<|im_end|>", "\U0001f3db"])
def test_an_odd_question_is_answered(ada: Caller, query: str) -> None:
    ada.publish("v1", "the harbour")

    assert ada.send("POST", "/v1/search", {"query": query})[0] == 200


def test_embeddings_come_in_the_order_of_the_texts(ada: Caller) -> None:
    texts = [f"text number {n}" for n in range(20)]

    _, passages = ada.send("POST", "/v1/embeddings", {"texts": texts, "kind": "passage"})
    _, question = ada.send("POST", "/v1/embeddings", {"texts": texts[:1], "kind": "question"})

    assert passages["vectors"] == [pytest.approx(v) for v in EMBEDDER.embed_passages(texts)]
    assert question["vectors"] == [pytest.approx(EMBEDDER.embed_question(texts[0]))]
    assert passages["stamp"] == STAMP.model_dump()


def test_a_text_too_long_to_embed_is_named(ada: Caller) -> None:
    body = {"texts": ["short", "x" * 8_001], "kind": "passage"}

    status, problem = ada.send("POST", "/v1/embeddings", body)

    assert (status, problem["error"]["code"]) == (400, TextTooLong.code)
    assert problem["error"]["param"] == "texts.1"


async def test_without_grants_neither_model_nor_index_is_asked(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    embeddings = embeddings_with(embedder)
    async with open_edge(tmp_path, embedder.stamp) as store:
        pass  # closed: any use of it would fail
    searches = SearchService(store, embeddings, Admission(1, 0))

    result = await searches.search(Principal(workspace_id="ws_ada"), SearchRequest(query="x"))

    assert (result.hits, embedder.questions) == ([], 0)


async def test_a_question_asked_again_is_remembered_for_its_tenant_only() -> None:
    embedder = CountingEmbedder()
    embeddings = embeddings_with(embedder)

    for _ in range(3):
        await embeddings.question("ws_ada", "the harbour")
    asked_by_ada = embedder.questions
    await embeddings.question("ws_bob", "the harbour")

    assert (asked_by_ada, embedder.questions) == (1, 2)


async def test_old_questions_are_forgotten() -> None:
    embedder = CountingEmbedder()
    embeddings = embeddings_with(embedder, cached_questions=2)

    for question in ("one", "two", "one", "three", "one", "two"):
        await embeddings.question("ws_ada", question)

    assert embedder.questions == 4


async def test_a_full_line_turns_callers_away_at_once() -> None:
    admission = Admission(running=1, waiting=1)
    leave = asyncio.Event()
    inside = asyncio.Event()

    async def stay() -> None:
        async with admission.turn():
            inside.set()
            await leave.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stay())
        tasks.create_task(stay())
        await inside.wait()

        with pytest.raises(RetrievalBusy):
            async with admission.turn():
                pass
        leave.set()

    async with admission.turn():
        pass


async def test_searches_beyond_the_bound_are_refused_with_a_time_to_return(
    tmp_path: Path,
) -> None:
    embedder = HashingEmbedder()
    embeddings = embeddings_with(embedder)
    async with open_edge(tmp_path, embedder.stamp) as store:
        slow = Slow(store)
        searches = SearchService(slow, embeddings, Admission(1, 0))
        principal = Principal.model_validate(
            {"workspace_id": "ws_ada", "collections": [{"collection_id": "vs_plans"}]}
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(searches.search(principal, SearchRequest(query="one")))
            await slow.asked.wait()
            with pytest.raises(RetrievalBusy) as refused:
                await searches.search(principal, SearchRequest(query="two"))
            slow.answer.set()

    assert refused.value.retry_after_seconds == 1


async def test_a_long_request_lets_questions_in_between() -> None:
    embedder = CountingEmbedder()
    embeddings = embeddings_with(embedder)
    done: list[str] = []

    async def embed_many() -> None:
        await embeddings.embed(EmbeddingRequest(texts=["text"] * 128, kind="passage"))
        done.append("many")

    async def ask() -> None:
        await embeddings.question("ws_ada", "the harbour")
        done.append("question")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(embed_many())
        tasks.create_task(ask())

    assert done == ["question", "many"]
