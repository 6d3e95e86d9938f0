"""What every embedder promises, the one with a model and the one without."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from embedding.adapters.embedder_hashing import HashingEmbedder
from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from embedding.port import Embedder, Vector
from tests.support.models import embedding_model_path

OPENING_HOURS = "The library opens at nine in the morning and closes at eight in the evening."
FERRY = "The ferry to the island leaves every two hours from the northern pier."
LIBRARY_IN_CHINESE = "图书馆早上九点开门，晚上八点关门。"
FERRY_IN_CHINESE = "前往岛屿的渡轮每两个小时从北码头出发。"


@pytest.fixture(scope="module", params=["hashing", "sentence_transformers"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "hashing":
        return HashingEmbedder()
    return SentenceTransformersEmbedder(embedding_model_path(), threads=1, batch_tokens=256)


def cosine(first: Vector, second: Vector) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_vectors_are_of_the_stamped_dimension_and_unit_length(embedder: Embedder) -> None:
    passages = embedder.embed_passages([FERRY, FERRY_IN_CHINESE, ""])
    vectors = [*passages, embedder.embed_question("?")]

    assert {len(vector) for vector in vectors} == {embedder.stamp.dimension}
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1, 1, 1, 1], abs=1e-5)


def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder: Embedder) -> None:
    library, ferry = embedder.embed_passages([OPENING_HOURS, FERRY])
    question = embedder.embed_question("When does the library open?")

    assert cosine(question, library) > cosine(question, ferry)


def test_a_chinese_question_is_nearest_to_the_passage_that_answers_it(embedder: Embedder) -> None:
    library, ferry = embedder.embed_passages([LIBRARY_IN_CHINESE, FERRY_IN_CHINESE])
    question = embedder.embed_question("图书馆几点开门？")

    assert cosine(question, library) > cosine(question, ferry)


def test_vectors_come_in_the_order_of_the_texts(embedder: Embedder) -> None:
    texts = [OPENING_HOURS * 20, "Tea.", FERRY * 5, LIBRARY_IN_CHINESE * 12, FERRY]
    together = embedder.embed_passages(texts)
    alone = [embedder.embed_passages([text])[0] for text in texts]

    # Integer models share one scale a batch, so company moves a vector by a hair.
    assert [cosine(a, b) > 0.99 for a, b in zip(together, alone, strict=True)] == [True] * 5


def test_the_same_texts_give_the_same_vectors(embedder: Embedder) -> None:
    texts = [OPENING_HOURS, FERRY_IN_CHINESE]

    assert embedder.embed_passages(texts) == embedder.embed_passages(texts)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert (embedder.embed_passages([]), embedder.count_tokens([])) == ([], [])


def test_tokens_are_counted_for_each_text(embedder: Embedder) -> None:
    nothing, one, more = embedder.count_tokens(["", "ferry", f"{OPENING_HOURS} {FERRY}"])

    assert nothing == 0 < one < more


def test_every_counted_token_has_its_place_in_the_text(embedder: Embedder) -> None:
    text = f"  {FERRY}\n\n{FERRY_IN_CHINESE} Crème brûlée ～ 😀 ﬁn"
    spans = embedder.token_spans(text)

    assert len(spans) == embedder.count_tokens([text])[0]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


def test_spans_are_in_code_points_of_the_text(embedder: Embedder) -> None:
    spans = embedder.token_spans("😀 ferry")

    assert spans[-1][1] == len("😀 ferry")


def test_what_exceeds_the_limit_is_not_read(embedder: Embedder) -> None:
    full = "boat " * (embedder.passage_limit_tokens + 5)
    first, second = embedder.embed_passages([full, f"{full} {OPENING_HOURS * 30}"])

    assert cosine(first, second) > 0.999


def test_a_text_longer_than_the_limit_is_counted_to_its_end(embedder: Embedder) -> None:
    (count,) = embedder.count_tokens(["boat " * 5_000])

    assert count >= 5_000


def test_threads_may_share_an_embedder(embedder: Embedder) -> None:
    questions = [f"When does ferry {number} leave?" for number in range(24)]
    expected = [embedder.embed_question(question) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        counted = pool.map(lambda text: embedder.count_tokens([text]), questions)
        found = list(pool.map(embedder.embed_question, questions))

    assert found == expected
    assert all(count > [0] for count in counted)


def test_the_stamp_stays_the_same(embedder: Embedder) -> None:
    assert embedder.stamp == embedder.stamp
    assert embedder.stamp.model_id in {"hashing-384", "multilingual-e5-small"}
