"""Scores of meaning and of words become one, within a script."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from contracts.passages import SearchHit
from retrieval.ports import Found, Match
from retrieval.search.fusion import WORDS_SHARE, Candidates, Question
from retrieval.search.service import best

ENGLISH = Question(("latin",))


def passage(name: str, *scripts: str) -> Found:
    return Found(name, f"file-{name}", f"v-{name}", "vs_plans", 0, scripts or ("latin",))


def matches(scores: dict[str, float]) -> list[Match]:
    return [Match(name, score) for name, score in scores.items()]


def fused(
    question: Question, meaning: dict[str, float], words: dict[str, float], **scripts: str
) -> list[SearchHit]:
    """scripts: of the passages that are not in Latin ones."""
    passages = {name: passage(name, scripts.get(name, "latin")) for name in {**meaning, **words}}
    return Candidates(matches(meaning), matches(words)).hits(question, passages, 100)


def test_best_in_both_is_one() -> None:
    [first, second] = fused(ENGLISH, {"a": 0.9, "b": 0.8}, {"a": 7, "b": 3.5})

    assert (first.passage_id, first.score) == ("a", 1)
    assert second.score == WORDS_SHARE / 2


def test_what_only_words_found_has_the_last_place_of_meaning() -> None:
    hits = fused(ENGLISH, {"a": 0.9, "b": 0.8}, {"c": 7})

    assert {hit.passage_id: hit.similarity for hit in hits}["c"] == 0.8
    assert {hit.passage_id: hit.score for hit in hits}["c"] == WORDS_SHARE


def test_a_passage_of_another_script_stands_by_its_meaning() -> None:
    hits = fused(ENGLISH, {"zh": 0.9, "en": 0.85, "x": 0.8}, {"x": 3}, zh="han")

    assert [hit.passage_id for hit in hits] == ["zh", "x", "en"]


def test_without_a_shared_word_meaning_decides() -> None:
    hits = fused(ENGLISH, {"a": 0.9, "b": 0.8}, {})

    assert [hit.passage_id for hit in hits] == ["a", "b"]
    assert [hit.score for hit in fused(ENGLISH, {"a": 0.9}, {})] == [1]


def test_nothing_found_is_nothing() -> None:
    assert fused(ENGLISH, {}, {}) == []


SCORES = st.floats(0, 1, allow_nan=False)


@given(
    meaning=st.dictionaries(st.sampled_from("abcdef"), SCORES),
    words=st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 50)),
    scripts=st.sampled_from([("latin",), ("han",), ("han", "latin"), ()]),
)
def test_each_passage_is_given_once_best_first_between_0_and_1(
    meaning: dict[str, float], words: dict[str, float], scripts: tuple[str, ...]
) -> None:
    hits = fused(Question(scripts), meaning, words)

    assert sorted(hit.passage_id for hit in hits) == sorted(meaning.keys() | words.keys())
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 + 1e-9 for hit in hits)


class Shelf:
    """Passages to be read, and which were."""

    def __init__(self, passages: dict[str, Found]) -> None:
        self._passages = passages
        self.read: list[str] = []

    async def passages(self, tenant: str, points: Sequence[str]) -> dict[str, Found]:
        assert tenant == "ws_ada"
        self.read += points
        return {point: self._passages[point] for point in points if point in self._passages}


NAMES = [f"p{number}" for number in range(40)]


@given(
    meaning=st.dictionaries(st.sampled_from(NAMES), SCORES),
    words=st.dictionaries(st.sampled_from(NAMES), st.floats(0.01, 50)),
    chinese=st.sets(st.sampled_from(NAMES)),
    limit=st.integers(1, 12),
)
async def test_reading_only_the_promising_gives_what_reading_all_gives(
    meaning: dict[str, float], words: dict[str, float], chinese: set[str], limit: int
) -> None:
    scripts = dict.fromkeys(chinese - words.keys(), "han")  # words are sought within a script
    everything = {name: passage(name, scripts.get(name, "latin")) for name in NAMES}
    shelf = Shelf(everything)
    hits = await best(shelf, "ws_ada", ENGLISH, Candidates(matches(meaning), matches(words)), limit)

    assert hits == fused(ENGLISH, meaning, words, **scripts)[:limit]
    assert len(shelf.read) == len(set(shelf.read))


async def test_what_cannot_be_among_the_best_is_not_read() -> None:
    names = dict.fromkeys(NAMES, 0.1) | dict.fromkeys(NAMES[:3], 0.9)
    shelf = Shelf({name: passage(name) for name in NAMES})
    await best(shelf, "ws_ada", ENGLISH, Candidates(matches(names), []), 3)

    assert len(shelf.read) == 6


async def test_what_is_gone_when_it_is_read_makes_room_for_the_next() -> None:
    shelf = Shelf({"b": passage("b"), "c": passage("c")})
    found = Candidates(matches({"a": 0.9, "b": 0.8, "c": 0.7}), [])

    assert [hit.passage_id for hit in await best(shelf, "ws_ada", ENGLISH, found, 1)] == ["b"]
