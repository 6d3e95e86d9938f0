"""Listings are found by their words, in English and Chinese, unfinished and mistyped."""

import pytest

from gateway.catalog.rules.searching import WordIndex, analysed

LISTINGS = {
    "trains": (
        "Alpine train planner",
        ["trains", "travel"],
        "Ada",
        "Connections and times.",
    ),
    "tax": ("Tax guide", ["money"], "Bob", "Explains the law to small shops that travel."),
    "zh": ("合同助手", ["法律"], "王芳", "解释租赁合同的条款。"),
    "mixed": ("GPT写作教练", ["写作"], "Ada Wong", "Improves essays."),
}


@pytest.fixture
def index() -> WordIndex:
    made = WordIndex()
    for name, fields in LISTINGS.items():
        made.put(name, analysed(*fields))
    return made


def best(index: WordIndex, query: str) -> list[str]:
    scores = index.search(query)
    return sorted(scores, key=lambda name: (-scores[name], name))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("train", ["trains"]),
        ("planning a train", ["trains"]),
        ("TRAVEL", ["trains", "tax"]),
        ("trav", ["trains"]),
        ("alpnie train", ["trains"]),
        ("plannre", ["trains"]),
        ("合同", ["zh"]),
        ("合", ["zh"]),
        ("租賃合同", ["zh"]),
        ("gpt", ["mixed"]),
        ("写作", ["mixed"]),
        ("ada", ["mixed", "trains"]),
        ("王芳", ["zh"]),
        ("xylophone", []),
        ("the", []),
        ("  ", []),
        ("!?", []),
    ],
)
def test_a_query_finds_what_it_should(index: WordIndex, query: str, found: list[str]) -> None:
    assert sorted(best(index, query)) == sorted(found)


def test_a_name_says_more_than_a_description(index: WordIndex) -> None:
    assert best(index, "travel ") == ["trains", "tax"]


def test_a_short_word_is_not_taken_for_another(index: WordIndex) -> None:
    assert best(index, "tex ") == []


def test_what_is_dropped_is_found_no_more_and_leaves_nothing(index: WordIndex) -> None:
    index.drop("zh")
    index.put("tax", analysed("Tax law", [], "Bob", ""))

    assert best(index, "合同") == best(index, "shops") == []
    assert best(index, "law") == ["tax"]
