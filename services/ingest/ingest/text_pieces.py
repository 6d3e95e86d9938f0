"""Where text may be cut: empty lines, ends of sentences in English and Chinese, else anywhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_SENTENCE_CHARACTERS = 1_000
"""Longer runs without a full stop are cut: token counting should never meet a 5 MB line."""

MIN_SENTENCE_CHARACTERS = 40

_EMPTY_LINES = re.compile(r"\n{2,}")
# The look-behind keeps a long run of dots from being tried once from each of its dots.
_SENTENCE_ENDS = re.compile(
    r"""(?<![.!?…])[.!?…]+["'”’)\]]{0,4}(?=\s)|[。！？；]+[”’」』）】]{0,4}|\n"""
)
_CUT_AT = re.compile(r"[\s，、,;:：]")


@dataclass(frozen=True)
class Piece:
    """A stretch `text[start:end]` without white space at its ends."""

    start: int
    end: int


def paragraphs(text: str, room: Piece) -> list[Piece]:
    """What empty lines separate."""
    ends = (found.start() for found in _EMPTY_LINES.finditer(text, room.start, room.end))
    return _cut(text, room, ends)


def sentences(text: str, paragraph: Piece) -> list[Piece]:
    """The sentences and lines of a paragraph; very short ones together, very long ones cut."""
    ends = (found.end() for found in _SENTENCE_ENDS.finditer(text, paragraph.start, paragraph.end))
    short: list[Piece] = []
    for sentence in _cut(text, paragraph, _spread(ends, paragraph.start)):
        last = sentence.end - MAX_SENTENCE_CHARACTERS
        cuts = [sentence.start]
        while cuts[-1] < last:
            cuts.append(_cut_near(text, cuts[-1], cuts[-1] + MAX_SENTENCE_CHARACTERS))
        short += _cut(text, sentence, cuts[1:])
    return short


def halves(text: str, piece: Piece) -> list[Piece]:
    """Two parts, cut near the middle where a reader would pause if there is such a place."""
    middle = (piece.start + piece.end) // 2
    return _cut(text, piece, [_cut_near(text, piece.start, max(middle, piece.start + 1))])


def _cut_near(text: str, start: int, end: int) -> int:
    """The last pause in the second half of `text[start:end]`, else its end."""
    pauses = [found.end() for found in _CUT_AT.finditer(text, (start + end) // 2, end)]
    return max(pauses[-1] if pauses else end, start + 1)


def _spread(ends: Iterable[int], start: int) -> Iterator[int]:
    """The ends that are not too near to the one before: a megabyte of "? ? ?" stays cheap."""
    for end in ends:
        if end - start >= MIN_SENTENCE_CHARACTERS:
            yield end
            start = end


def _cut(text: str, whole: Piece, ends: Iterable[int]) -> list[Piece]:
    """The parts of `whole` between the cuts, trimmed; parts of white space alone are dropped."""
    parts: list[Piece] = []
    start = whole.start
    for end in [*ends, whole.end]:
        part = _trimmed(text, start, end)
        if part is not None:
            parts.append(part)
        start = end
    return parts


def _trimmed(text: str, start: int, end: int) -> Piece | None:
    content = text[start:end]
    left = len(content) - len(content.lstrip())
    if left == len(content):
        return None
    return Piece(start + left, start + len(content.rstrip()))
