"""The twin without a model ranks by shared words."""

import pytest

from embedding.adapters.embedder_hashing import HashingEmbedder
from embedding.port import Vector


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


def cosine(first: Vector, second: Vector) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_more_shared_words_are_closer(embedder: HashingEmbedder) -> None:
    question = embedder.embed_question("the red ferry leaves at noon")
    texts = ["the red ferry leaves at dusk", "a red ferry stays here", "bread and butter pudding"]
    near, middle, far = (cosine(question, each) for each in embedder.embed_passages(texts))

    assert near > middle > far


def test_more_shared_chinese_signs_are_closer(embedder: HashingEmbedder) -> None:
    question = embedder.embed_question("红色的渡轮中午出发")
    texts = ["红色的渡轮傍晚出发", "渡轮停在港口", "面包和黄油布丁"]
    near, middle, far = (cosine(question, each) for each in embedder.embed_passages(texts))

    assert near > middle > far


def test_case_width_and_ligatures_do_not_matter(embedder: HashingEmbedder) -> None:
    assert embedder.embed_question("ＦＥＲＲＹ Office") == embedder.embed_question("ferry oﬃce")


def test_an_inflected_word_is_closer_than_another_word(embedder: HashingEmbedder) -> None:
    question = embedder.embed_question("ferries")
    ferry, library = embedder.embed_passages(["ferrying", "libraries"])

    assert cosine(question, ferry) > cosine(question, library)


def test_vectors_are_the_same_on_every_machine(embedder: HashingEmbedder) -> None:
    vector = embedder.embed_question("ferry")
    loudest = max(range(len(vector)), key=lambda position: abs(vector[position]))

    assert (loudest, round(vector[loudest], 6)) == (84, -0.745356)


def test_text_of_lone_surrogates_is_embedded(embedder: HashingEmbedder) -> None:
    assert len(embedder.embed_question("broken \ud800 text")) == embedder.stamp.dimension
