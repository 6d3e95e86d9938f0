"""Which questions are looked for by meaning, and what of what is near is shown."""

import pytest

from gateway.catalog.rules.meaning import (
    MOST_ON_SHELF,
    Near,
    is_whole_question,
    near_enough,
    shelf_of,
)
from lexical.scripts import HAN, LATIN

LEAST = {(LATIN, LATIN): 0.8, (LATIN, HAN): 0.7}


@pytest.mark.parametrize(
    ("query", "is_whole"),
    [
        ("", False),
        ("travel", False),
        ("travel gui", False),
        ("travel by train", True),
        ("旅行计划", False),
        ("我想坐火车", False),
        ("我想坐火车去", True),
        ("Python 代码审查", True),
        ("... !!! ---", False),
    ],
)
def test_only_whole_questions_have_a_meaning(query: str, *, is_whole: bool) -> None:
    assert is_whole_question(query) is is_whole


def test_scripts_that_nobody_measured_are_for_the_words_alone() -> None:
    texts = ("plan a journey", "规划旅行", "план поездки", "123", "旅行の計画を立てる")

    assert [shelf_of(text) for text in texts] == [LATIN, HAN, None, None, None]


def test_each_shelf_has_a_measure_of_its_own_and_its_best_alone_are_shown() -> None:
    found = {
        LATIN: [Near("far", 0.79), Near("near", 0.82), Near("behind", 0.80)],
        HAN: [Near("nearest", 0.76)],
    }
    many = {LATIN: [Near(f"l{number}", 0.9) for number in range(9)]}

    assert near_enough(LATIN, found, LEAST) == ["nearest", "near", "behind"]
    assert near_enough(LATIN, {LATIN: [*found[LATIN], Near("best", 0.9)]}, LEAST) == ["best"]
    assert len(near_enough(LATIN, many, LEAST)) == MOST_ON_SHELF
    assert near_enough(LATIN, found, {}) == near_enough(LATIN, {LATIN: []}, LEAST) == []
