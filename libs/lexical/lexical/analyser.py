"""Words as both sides of a search see them: the same text gives the same words, always.

NFKC and case folded; Traditional Chinese as Simplified; English without its commonest words, and
stemmed; scripts without blanks as single characters and pairs of neighbours (rag.md 4.1: as good as
a dictionary on Simplified, better on Traditional); identifiers whole and in parts.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from threading import local

import opencc
import regex
import Stemmer

LONGEST_WORD = 64
"""Characters; what is longer is no word, and would only fill the index."""

STOP_WORDS = frozenset(
    regex.findall(
        r"\S+",
        "a an and are as at be been but by did do does for from had has have how if in "
        "into is it its no not of on or such that the their then there these they this to "
        "was were what when where which who will with ",
    )
)

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々"
_PIECES = regex.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>(?:(?![{_UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}_])+)"
)
_PARTS = regex.compile(r"\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}|\p{N}+")
_ENGLISH = regex.compile(r"[a-z]+")
_APOSTROPHES = regex.compile(r"(?<=\p{L})['’](?:s|re|ve|ll|d|m|t)\b", regex.IGNORECASE)

_tools = local()


def words(text: str) -> list[str]:
    """The words of a text in their order; identifiers give themselves and their parts."""
    return list(_words(_simplified(unicodedata.normalize("NFKC", text))))


def _words(text: str) -> Iterator[str]:
    for found in _PIECES.finditer(_APOSTROPHES.sub("", text)):
        piece = found.group()
        if found.lastgroup == "unspaced":
            yield from _characters(piece)
        elif len(piece) <= LONGEST_WORD:
            yield from _parts(piece)


def _characters(run: str) -> Iterator[str]:
    """Single characters, and pairs of neighbours."""
    yield from run
    for position in range(len(run) - 1):
        yield run[position : position + 2]


def _parts(piece: str) -> Iterator[str]:
    parts = _PARTS.findall(piece)
    if len(parts) > 1:
        yield piece.casefold()
    for part in parts:
        word = part.casefold()
        if word not in STOP_WORDS:
            yield _stem(word)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    if not _ENGLISH.fullmatch(word):
        return word
    if not hasattr(_tools, "stemmer"):
        _tools.stemmer = Stemmer.Stemmer("english", 0)
    stem: str = _tools.stemmer.stemWord(word)
    return stem


def _simplified(text: str) -> str:
    if not hasattr(_tools, "folding"):
        _tools.folding = opencc.OpenCC("t2s")
    folded: str = _tools.folding.convert(text)
    return folded
