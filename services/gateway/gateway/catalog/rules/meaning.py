"""Search by meaning, beside the words: what of a listing is embedded, which questions are looked
for, and how near is near enough (docs/ranking.md).

Cosines are compared within a pair of scripts only: the model thinks everything in one language
alike, so that each script has a shelf of its own.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import regex

from lexical.scripts import HAN, LATIN, QUESTION_SHARE, scripts_of

SHELVES = (LATIN, HAN)
"""Scripts that were measured; listings and questions in others are for the words alone."""
LONGEST_TEXT = 2_000
"""Characters; embedding models read little more."""
LEAST_WORDS = 3
"""Of a question. One word is found by words, also while it is typed."""
UNSPACED_IN_WORD = 2
"""Characters of a script without blanks that count as one word."""
MOST_ON_SHELF = 3
NEAR_BEST = 0.02

NEAREST: Mapping[str, Mapping[tuple[str, str], float]] = {
    "multilingual-e5-small": {
        (LATIN, LATIN): 0.825,
        (LATIN, HAN): 0.805,
        (HAN, LATIN): 0.81,
        (HAN, HAN): 0.86,
    }
}
"""Embedding model -> scripts of question and listing -> the cosine from which on a listing is
shown. Fitted by bench/meanings.py; with a model that nobody measured nothing is found."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")


class Said(NamedTuple):
    """What a published version shows of itself. Its category is left out: measured, the ten words
    that all listings share only bring them nearer to everything."""

    name: str
    description: str
    starters: Sequence[str]
    tags: Sequence[str]


class Near(NamedTuple):
    """A listing and how near it is to a question, a cosine."""

    id: str
    similarity: float


def text_of(said: Said) -> str:
    """What is embedded of a listing. Whoever changes it clears listing_meanings.digest."""
    lines = (said.name, said.description, *said.starters, ", ".join(said.tags))
    return "\n".join(filter(None, lines))[:LONGEST_TEXT]


def digest_of(text: str) -> str:
    """A text's number, 32 hex digits."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def shelf_of(text: str) -> str | None:
    """The script that most of it is written in; None for one that was not measured."""
    scripts = scripts_of(text, QUESTION_SHARE)
    return scripts[0] if scripts and scripts[0] in SHELVES else None


def is_whole_question(query: str) -> bool:
    """Whether it says enough to have a meaning."""
    plain = unicodedata.normalize("NFKC", query)
    unspaced = len(_UNSPACED.findall(plain))
    spaced = len(_WORD.findall(_UNSPACED.sub(" ", plain)))
    return spaced + unspaced / UNSPACED_IN_WORD >= LEAST_WORDS


def near_enough(
    asked: str, found: Mapping[str, Sequence[Near]], least: Mapping[tuple[str, str], float]
) -> list[str]:
    """Ids of what is meant, of all shelves, by how far they are beyond what is asked of their
    shelf. asked: the question's script. found: shelf -> what is nearest. least: of NEAREST."""
    meant: list[tuple[float, str]] = []
    for shelf, nearest in found.items():
        if (asked, shelf) not in least or not nearest:
            continue
        enough = least[asked, shelf]
        ranked = sorted(nearest, key=lambda each: (-each.similarity, each.id))[:MOST_ON_SHELF]
        last = max(enough, ranked[0].similarity - NEAR_BEST)
        meant += [(enough - each.similarity, each.id) for each in ranked if each.similarity >= last]
    return [name for _, name in sorted(meant)]
