"""What nearness in meaning proves: that a passage says what a sentence says, or that none does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.citations.rules.evidence import UNDECIDED, Evidence

SAME_MEANING = 0.87
SAME_MEANING_TRANSLATED = 0.83
"""Cosines from which one sentence says what the other says, in one language and across two.

Measured with multilingual-e5-small: .88 to .91 and .845 to .85 for the same statement, at most .80
for another one about the same things.
"""


@dataclass(frozen=True)
class Unsupported:
    """Below which likeness nothing supports a sentence.

    likeness: words + 4 x cosine, in one language. translated: the cosine, across two.
    """

    likeness: float
    translated: float


UNSUPPORTED = {"multilingual-e5-small": Unsupported(likeness=3.65, translated=0.80)}
"""By embedding model; one that nobody has measured flags nothing for its meaning.

Fitted on 405 sentences of written answers (documentation, mtrag, PubMedQA), each with passages that
hold its source and with the next best ones alone: .062 of the former are flagged, about half of
them for a number that stands nowhere, and .341 of the latter.
"""
FLAGS_NOTHING = Unsupported(likeness=-math.inf, translated=-1)
_MEANING_SHARE = 4


@dataclass(frozen=True)
class Judgement:
    """What supports a sentence, best first. is_unsupported: nothing does, as far as can be told."""

    evidence: tuple[Evidence, ...] = ()
    is_unsupported: bool = False


@dataclass(frozen=True)
class Likeness:
    """A span, and how near its meaning is to the sentence's."""

    evidence: Evidence
    cosine: float
    is_translated: bool


def by_meaning(
    nearest: Sequence[Likeness], found: Sequence[Evidence], floor: Unsupported
) -> Judgement:
    """Judge a sentence whose words were not enough. found: what its words found, by passage."""
    words = {evidence.passage: evidence.score for evidence in found}
    same = [
        each
        for each in nearest
        if (each.is_translated and each.cosine >= SAME_MEANING_TRANSLATED)
        or (each.cosine >= SAME_MEANING and words.get(each.evidence.passage, 0) >= UNDECIDED)
    ]
    if same:
        return Judgement((max(same, key=lambda each: each.cosine).evidence,))
    best_words = max(words.values(), default=0.0)
    could_be = any(
        each.cosine >= floor.translated
        if each.is_translated
        else best_words + _MEANING_SHARE * each.cosine >= floor.likeness
        for each in nearest
    )
    return Judgement(is_unsupported=not could_be and bool(nearest))
