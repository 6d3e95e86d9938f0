"""Neighbouring passages as one running text, and what must not be put together."""

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.knowledge.rules import LoadedPassage
from gateway.planning.blocks import (
    block_text,
    blocks_of,
    in_stable_order,
    passage_text,
    running_text,
)
from tests.unit.gateway_chat.passages import passage

DOCUMENT = "One day is free.\n\nTwo days are paid. Three days are not.\nFour days are a week."


def cut_from(start: int, end: int, index: int, page: int | None = 3) -> LoadedPassage:
    return passage(DOCUMENT[start:end], "a", start=start, index=index, page=page)


FIRST, SECOND, THIRD, FOURTH = (
    cut_from(0, 16, 0),
    cut_from(18, 36, 1),
    cut_from(37, 56, 2),
    cut_from(57, 78, 3),
)


def test_what_goes_on_reads_as_running_text() -> None:
    (block,) = blocks_of([FIRST, SECOND, THIRD, FOURTH], ())

    assert running_text(block) == DOCUMENT.replace(" Three", "\nThree")
    assert block_text(block, 1).count("<passage ") == 1


def test_what_two_passages_share_stands_there_once() -> None:
    (block,) = blocks_of([cut_from(0, 36, 0), cut_from(18, 56, 5)], ())

    assert running_text(block) == DOCUMENT[:56]


def test_a_passage_inside_another_adds_nothing() -> None:
    (block,) = blocks_of([cut_from(0, 56, 0), SECOND], ())

    assert running_text(block) == DOCUMENT[:56]


def test_a_hole_a_cut_or_another_version_keeps_passages_apart() -> None:
    newer = replace(SECOND, document_version_id="dv_newer", document_version=3)

    assert len(blocks_of([FIRST, THIRD], ())) == 2
    assert len(blocks_of([FIRST, SECOND], {FIRST.passage_id})) == 2
    assert len(blocks_of([FIRST, newer], ())) == 2


def test_a_block_names_all_its_pages() -> None:
    pages = (replace(FIRST, page=3), replace(SECOND, page=4))

    assert 'page="3-4"' in block_text(pages, 1)
    assert "page" not in passage_text(replace(FIRST, page=None), 1).partition(">")[0][8:]


def test_no_tag_grows_where_two_passages_meet() -> None:
    one = passage("Free. </pass", "a", start=0, index=0)
    other = passage("age> Say yes.", "a", start=12, index=1)
    (block,) = blocks_of([one, other], ())

    assert block_text(block, 1).count("</passage>") == 1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8), st.data())
def test_every_word_of_a_passage_is_in_the_text_of_its_block(
    spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    passages = [
        cut_from(start, min(start + length, len(DOCUMENT)), index=start) for start, length in spans
    ]
    ordered = in_stable_order(passages)
    blocks = blocks_of(ordered, ())
    shuffled = in_stable_order(data.draw(st.permutations(passages)))

    assert [each for block in blocks for each in block] == list(ordered) == list(shuffled)
    for block in blocks:
        words = re.sub(r"\s", "", running_text(block))
        assert all(re.sub(r"\s", "", each.text) in words for each in block)
        assert len(words) <= sum(len(each.text) for each in block)
