"""What stands beside a passage, in its section and its version only."""

from dataclasses import replace

from gateway.knowledge.rules import neighbours
from tests.unit.gateway_chat.passages import passage

SECTION = [
    passage(f"Part {n}.", "a", start=n * 100, index=n, header="Rules > Leave") for n in range(5)
]


def test_what_follows_comes_before_what_precedes() -> None:
    assert neighbours([SECTION[2]], SECTION) == [SECTION[3], SECTION[1]]


def test_the_best_passages_come_first_and_none_twice() -> None:
    assert neighbours([SECTION[3], SECTION[1]], SECTION) == [SECTION[4], SECTION[2], SECTION[0]]


def test_another_section_another_version_and_what_may_not_be_read_are_left_out() -> None:
    other = replace(SECTION[3], header="Rules > Travel")
    newer = replace(SECTION[1], document_version_id="dv_newer")

    assert neighbours([SECTION[2]], [other, newer]) == []
