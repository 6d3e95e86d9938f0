"""Weights of words: the same everywhere, bounded, and none for what is no word."""

from hypothesis import given
from hypothesis import strategies as st

from lexical.weights import SATURATION, passage_weights, question_weights, word_number


def weight(text: str, word: str) -> float:
    found = passage_weights(text)
    return dict(zip(found.indices, found.values, strict=True)).get(word_number(word), 0.0)


def test_numbers_of_words_never_change() -> None:
    assert (word_number("harbour"), word_number("港口")) == (2655051595, 3696045297)


def test_a_word_said_twice_weighs_more_but_less_than_double() -> None:
    once, twice = weight("harbour bread salt", "harbour"), weight("harbour harbour salt", "harbour")

    assert once < twice < 2 * once


def test_the_same_word_weighs_less_in_a_longer_text() -> None:
    assert weight("harbour", "harbour") > weight("harbour " + "bread salt " * 50, "harbour")


def test_each_word_of_a_question_counts_once() -> None:
    assert question_weights("harbour, harbour and bread").values == [1.0, 1.0]


@given(st.text(max_size=2_000))
def test_weights_are_bounded_for_any_text(text: str) -> None:
    found = passage_weights(text)

    assert found.indices == sorted(set(found.indices))
    assert all(0 < value < SATURATION + 1 for value in found.values)
