"""Markers a model writes by itself are taken out, and nothing else is."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.citations.rules.markers import MarkerStripper

TRICKY = st.text(alphabet="ab 1[]【】`,^†(.\n\t2", max_size=60)


def stripped(*pieces: str) -> str:
    stripper = MarkerStripper()
    return "".join(stripper.feed(piece) for piece in pieces) + stripper.finish()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Leave is 25 days [1].", "Leave is 25 days."),
        ("Leave is 25 days.[1] Ask early [2, 3]", "Leave is 25 days. Ask early"),
        ("年假为二十五天【1】。", "年假为二十五天。"),
        ("年假为二十五天【4†source】。", "年假为二十五天。"),
        ("See [^2] now", "See now"),
        ("It began in [2023].", "It began in [2023]."),
        ("A [1](https://example.org) link", "A [1](https://example.org) link"),
        ("Take `row[1]` and go on [1].", "Take `row[1]` and go on."),
        ("```\nrow[1]\n```\nDone [1].", "```\nrow[1]\n```\nDone."),
        ("An [aside] stays", "An [aside] stays"),
        ("ends with [1", "ends with [1"),
    ],
)
def test_only_markers_outside_code_are_removed(written: str, shown: str) -> None:
    assert stripped(written) == shown


@settings(deadline=None, max_examples=60)
@given(text=TRICKY, cuts=st.lists(st.integers(0, 60), max_size=8))
def test_pieces_do_not_matter(text: str, cuts: list[int]) -> None:
    borders = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [text[first:last] for first, last in pairwise(borders)]

    assert stripped(*pieces) == stripped(text)
