"""Scores of meaning and of words become one, within a script."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.ports import Found
from retrieval.search.fusion import WORDS_SHARE, Question, fused

ENGLISH = Question(("latin",))


def passage(name: str, score: float, *scripts: str) -> Found:
    return Found(name, f"file-{name}", f"v-{name}", "vs_plans", 0, scripts or ("latin",), score)


def order(question: Question, meaning: list[Found], words: list[Found]) -> list[str]:
    return [hit.passage_id for hit in fused(question, meaning, words)]


def test_best_in_both_is_one() -> None:
    [first, second] = fused(
        ENGLISH, [passage("a", 0.9), passage("b", 0.8)], [passage("a", 7), passage("b", 3.5)]
    )

    assert (first.passage_id, first.score) == ("a", 1)
    assert second.score == WORDS_SHARE / 2


def test_what_only_words_found_has_the_last_place_of_meaning() -> None:
    hits = fused(ENGLISH, [passage("a", 0.9), passage("b", 0.8)], [passage("c", 7)])

    assert {hit.passage_id: hit.similarity for hit in hits}["c"] == 0.8
    assert {hit.passage_id: hit.score for hit in hits}["c"] == WORDS_SHARE


def test_a_passage_of_another_script_stands_by_its_meaning() -> None:
    chinese = passage("zh", 0.9, "han")

    assert order(ENGLISH, [chinese, passage("en", 0.85), passage("x", 0.8)], [passage("x", 3)]) == [
        "zh",
        "x",
        "en",
    ]


def test_without_a_shared_word_meaning_decides() -> None:
    assert order(ENGLISH, [passage("a", 0.9), passage("b", 0.8)], []) == ["a", "b"]
    assert [hit.score for hit in fused(ENGLISH, [passage("a", 0.9)], [])] == [1]


def test_nothing_found_is_nothing() -> None:
    assert fused(ENGLISH, [], []) == []


SCORES = st.floats(0, 1, allow_nan=False)


@given(
    meaning=st.dictionaries(st.sampled_from("abcdef"), SCORES),
    words=st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 50)),
    scripts=st.sampled_from([("latin",), ("han",), ("han", "latin"), ()]),
)
def test_each_passage_is_given_once_best_first_between_0_and_1(
    meaning: dict[str, float], words: dict[str, float], scripts: tuple[str, ...]
) -> None:
    by_meaning = [passage(name, score) for name, score in meaning.items()]
    by_words = [passage(name, score) for name, score in words.items()]
    hits = fused(Question(scripts), by_meaning, by_words)

    assert sorted(hit.passage_id for hit in hits) == sorted(meaning.keys() | words.keys())
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 + 1e-9 for hit in hits)
