"""Reranking: by a model out of a local folder, by its twin, or not at all."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from contracts.clients.retrieval import RetrievalClient
from contracts.errors import ErrorKind, RemoteError
from contracts.passages import RerankRequest, SearchRequest
from contracts.principal import CollectionGrant, Principal
from embedding.adapters.reranker_sentence_transformers import MOST_TOKENS, CrossEncoderReranker
from retrieval.settings import WORDS
from runtime.outgoing import known_authorities
from runtime.service_auth import ServiceTokens
from tests.support.retrieval import SECRET, retrieval_settings, running_retrieval

TEXTS = ["the walk is covered", "leave is 25 days", "a day of leave", ""]
QUESTION = "how many days of leave"
READER = Principal(workspace_id="ws_ada", collections=(CollectionGrant(collection_id="vs_plans"),))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder with weights of chance: its order means nothing, but is always the same."""
    folder = tmp_path_factory.mktemp("tiny")
    known = sorted(set(" ".join([QUESTION, *TEXTS]).split()))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *known]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    vocabulary_file = str(folder / "vocab.txt")
    tokenizer: Any = BertTokenizerFast(vocab_file=vocabulary_file)  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config: Any = BertConfig(  # type: ignore[no-untyped-call]
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=1,
        initializer_range=0.3,  # far apart, so that texts are told apart
    )
    model: Any = BertForSequenceClassification(config)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    return folder


def client_of(http: httpx2.AsyncClient) -> RetrievalClient:
    tokens = ServiceTokens(SECRET.encode(), "gateway")
    return RetrievalClient(http, partial(tokens.sign, "retrieval"))


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[RetrievalClient]:
    """Retrieval as it is by default."""
    with running_retrieval(tmp_path) as address:
        async with httpx2.AsyncClient(base_url=address, verify=known_authorities()) as http:
            yield client_of(http)


@pytest.fixture
async def reranking(tmp_path: Path) -> AsyncIterator[RetrievalClient]:
    """Retrieval with the twin of a reranker."""
    with running_retrieval(tmp_path, WORDS) as address:
        async with httpx2.AsyncClient(base_url=address, verify=known_authorities()) as http:
            yield client_of(http)


def test_a_cross_encoder_out_of_a_folder_scores_each_text_by_itself(tiny: Path) -> None:
    reranker = CrossEncoderReranker(tiny)
    scores = reranker.scores(QUESTION, TEXTS * 5)

    assert scores[:4] == pytest.approx(scores[4:8], abs=1e-5)
    assert len(set(scores[:4])) == 4
    assert reranker.scores(QUESTION, [TEXTS[1]]) == pytest.approx([scores[1]], abs=1e-5)


def test_a_text_longer_than_the_model_reads_is_cut(tiny: Path) -> None:
    (score,) = CrossEncoderReranker(tiny).scores(QUESTION, ["leave " * 2_000])

    assert 0 <= score <= 1


def test_what_a_cross_encoder_reads_is_its_own_count(tiny: Path) -> None:
    reranker = CrossEncoderReranker(tiny)
    one = reranker.count_tokens(QUESTION, TEXTS[:1])

    assert reranker.count_tokens(QUESTION, TEXTS[:1] * 3) == 3 * one > 3 * len(TEXTS[0].split())
    assert reranker.count_tokens(QUESTION, ["leave " * 2_000]) == MOST_TOKENS
    assert reranker.model_id == tiny.name


async def test_retrieval_names_its_reranker_for_the_list_of_prices(
    reranking: RetrievalClient,
) -> None:
    models = await reranking.models(READER)

    assert (models.embedding, models.reranker) == ("hashing-384", WORDS)


async def test_without_a_reranker_none_is_named(plain: RetrievalClient) -> None:
    assert (await plain.models(READER)).reranker is None


async def test_it_is_off_by_default(plain: RetrievalClient) -> None:
    found = await plain.search(READER, SearchRequest(query=QUESTION, limit=3))
    with pytest.raises(RemoteError) as refused:
        await plain.rerank(READER, RerankRequest(question=QUESTION, texts=TEXTS[:1]))

    assert (found.can_rerank, refused.value.code) == (False, "no_reranker")


async def test_a_search_says_that_there_is_a_reranker(reranking: RetrievalClient) -> None:
    found = await reranking.search(READER, SearchRequest(query=QUESTION, limit=3))
    result = await reranking.rerank(READER, RerankRequest(question=QUESTION, texts=TEXTS))
    scores = result.scores

    assert found.can_rerank
    assert (result.model_id, result.tokens > 0) == (WORDS, True)
    assert sorted(range(4), key=lambda place: -scores[place])[:2] == [1, 2]


@pytest.mark.parametrize("texts", [[], ["a"] * 33, ["a" * 8_001]])
async def test_too_much_to_rerank_is_refused(reranking: RetrievalClient, texts: list[str]) -> None:
    request = RerankRequest.model_construct(question=QUESTION, texts=texts)
    with pytest.raises(RemoteError) as refused:
        await reranking.rerank(READER, request)

    assert refused.value.kind is ErrorKind.INVALID


def test_a_folder_without_a_model_is_refused_before_a_library_looks_for_its_name(
    tmp_path: Path,
) -> None:
    with pytest.raises(ValueError, match="RETRIEVAL_RERANKER_PATH"):
        retrieval_settings(tmp_path, str(tmp_path))
