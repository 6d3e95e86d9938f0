"""Which script a text is written in: lexical search compares texts of one script only."""

from collections import defaultdict
from collections.abc import Iterator

import regex

LATIN, HAN = "latin", "han"

_SCRIPTS = {
    LATIN: "Latin",
    HAN: "Han",
    "kana": "Hiragana}\\p{Katakana",
    "hangul": "Hangul",
    "cyrillic": "Cyrillic",
    "greek": "Greek",
    "arabic": "Arabic",
    "hebrew": "Hebrew",
    "devanagari": "Devanagari",
    "thai": "Thai",
}
OTHER = "other"
"""Letters of any script without a name above."""

_LETTER_SHARE = {HAN: 2.5}
"""A Han character carries about as much as two and a half letters of an alphabet."""

PASSAGE_SHARE, QUESTION_SHARE = 0.2, 0.4
"""Of the letters, from which on a script counts. A passage of two languages is found by questions
in either; a Chinese question that names an English product is a Chinese question, and an English
passage that shares only the name is no better for it (docs/quality.md)."""

_RUNS = regex.compile(
    "|".join(f"(?P<{name}>[\\p{{{letters}}}]+)" for name, letters in _SCRIPTS.items())
    + f"|(?P<{OTHER}>\\p{{L}})"
)


def scripts_of(text: str, least_share: float = PASSAGE_SHARE) -> list[str]:
    """The scripts a text is written in, by name, the most used first; [] without letters."""
    weights: defaultdict[str, float] = defaultdict(float)
    for name, letters in _runs(text):
        weights[name] += letters * _LETTER_SHARE.get(name, 1)
    if "kana" in weights:  # Japanese writes with both, and is read by its kana
        weights["kana"] += weights.pop(HAN, 0)
    total = sum(weights.values())
    ranked = sorted(weights, key=weights.__getitem__, reverse=True)
    return [name for name in ranked if weights[name] >= total * least_share]


def _runs(text: str) -> Iterator[tuple[str, int]]:
    for found in _RUNS.finditer(text):
        yield found.lastgroup or OTHER, len(found.group())
