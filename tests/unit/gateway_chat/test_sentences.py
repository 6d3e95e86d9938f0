"""Sentences of answers and passages, in English and Chinese, in any pieces."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.citations.rules.sentences import Piece, SentenceSplitter, sentence_spans

TRICKY = st.text(alphabet='aB. !?。，\n`-#|1”"*) ：；', max_size=80)


def pieces_of(*parts: str) -> list[Piece]:
    splitter = SentenceSplitter()
    pieces = [piece for part in parts for piece in splitter.feed(part)]
    return pieces + splitter.finish()


def sentences_of(*parts: str) -> list[str]:
    return [piece.sentence for piece in pieces_of(*parts) if piece.sentence is not None]


def places_of(*parts: str) -> list[tuple[int, str]]:
    """(where it ends in the text, sentence)."""
    places, position = [], 0
    for piece in pieces_of(*parts):
        position += len(piece.text)
        if piece.sentence is not None:
            places.append((position, piece.sentence))
    return places


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Ada Lovelace wrote it. She did.", ["Dr. Ada Lovelace wrote it.", "She did."]),
        ("Use a tool, e.g. a saw. Then rest.", ["Use a tool, e.g. a saw.", "Then rest."]),
        ("It costs 3.5 euros. Pay now.", ["It costs 3.5 euros.", "Pay now."]),
        ("See No. 5 below. No. That is wrong.", ["See No. 5 below.", "No.", "That is wrong."]),
        ("Go to www.example.org/a.html now. Bye.", ["Go to www.example.org/a.html now.", "Bye."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("It is **bold.** Next one.", ["It is **bold.**", "Next one."]),
        ("年假为二十五天。请提前申请！好吗？", ["年假为二十五天。", "请提前申请！", "好吗？"]),
        ("他说：“可以。”然后走了。", ["他说：“可以。”", "然后走了。"]),
        ("甲是一；乙是二。", ["甲是一；", "乙是二。"]),
        ("版本是3.2。Qdrant很快。", ["版本是3.2。", "Qdrant很快。"]),
        ("- First item\n- Second item.\n", ["First item", "Second item."]),
        ("1. First\n2. Second", ["First", "Second"]),
        ("# A heading.\nText here.", ["Text here."]),
        ("| a. | b. |\n|---|---|\nText here.", ["Text here."]),
        ("```py\nx = 1. + 2\n```\nText here.", ["Text here."]),
        ("Call `a.b. C` now. Done.", ["Call `a.b. C` now.", "Done."]),
        ("J. R. Tolkien wrote. He did.", ["J. R. Tolkien wrote.", "He did."]),
        ("Wait... what happened? Yes.", ["Wait... what happened?", "Yes."]),
    ],
)
def test_sentences_end_where_a_reader_says_so(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


@settings(deadline=None, max_examples=60)
@given(text=TRICKY)
def test_no_character_is_lost(text: str) -> None:
    assert "".join(piece.text for piece in pieces_of(text)) == text


@settings(deadline=None, max_examples=60)
@given(text=TRICKY, cuts=st.lists(st.integers(0, 80), max_size=10))
def test_pieces_do_not_matter(text: str, cuts: list[int]) -> None:
    borders = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    parts = [text[first:last] for first, last in pairwise(borders)]

    assert places_of(*parts) == places_of(text)


def test_text_is_shown_before_its_sentence_ends() -> None:
    splitter = SentenceSplitter()
    shown = "".join(piece.text for piece in splitter.feed("The leave of full-time staff"))

    assert shown == "The leave of full-time staff"


def test_a_broken_line_does_not_end_a_sentence_of_a_passage() -> None:
    text = "Annual leave is\n25 days a year. Part-time\nstaff get less.\n\nTravel\nis paid."

    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "Annual leave is\n25 days a year.",
        "Part-time\nstaff get less.",
        "Travel\nis paid.",
    ]


@settings(deadline=None, max_examples=60)
@given(text=TRICKY)
def test_spans_of_a_passage_are_in_order_and_inside(text: str) -> None:
    spans = sentence_spans(text)

    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
