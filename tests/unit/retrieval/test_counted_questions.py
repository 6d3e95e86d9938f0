"""A search says what its question was counted as, by the embedding model itself."""

from contracts.principal import CollectionGrant
from embedding.adapters.embedder_hashing import HashingEmbedder
from embedding.port import read_tokens
from tests.unit.retrieval.callers import Caller

QUESTION = "Where is the harbour master? 港务长在哪里？"
LONG = "harbour " * 900


def counted(caller: Caller, question: str) -> tuple[int, bool]:
    status, found = caller.send("POST", "/v1/search", {"query": question})
    assert status == 200, found
    return found["question_tokens"], found["is_remembered"]


def test_a_question_asked_again_is_remembered_by_its_own_tenant_alone(
    ada: Caller, bob: Caller
) -> None:
    [count] = HashingEmbedder().count_tokens([QUESTION])

    assert counted(ada, QUESTION) == (count, False)
    assert counted(ada, QUESTION) == (count, True)
    assert counted(bob, QUESTION) == (count, False)


def test_what_the_model_does_not_read_is_not_counted(ada: Caller) -> None:
    assert counted(ada, LONG) == (HashingEmbedder.passage_limit_tokens, False)


def test_a_question_nobody_may_search_for_is_never_embedded(ada: Caller) -> None:
    assert counted(ada.reading(), QUESTION) == (0, False)
    assert counted(ada.reading(CollectionGrant(collection_id="vs_plans")), QUESTION)[1] is False


def test_vectors_come_with_the_tokens_they_took(ada: Caller) -> None:
    texts = ["One quay.", "Two quays and a crane.", LONG]
    _, found = ada.send("POST", "/v1/embeddings", {"texts": texts, "kind": "passage"})

    assert found["tokens"] == read_tokens(HashingEmbedder(), texts)
