"""Passages that say the same: copies of a document, boilerplate of every page."""

from collections.abc import Iterable

from gateway.citations.rules.evidence import negations_in, terms_of
from gateway.knowledge.rules import LoadedPassage

SAME_SHARE = 0.9
"""Of the words of both together. Less than that may be the one sentence that was changed."""


def is_repeated(passage: LoadedPassage, better: Iterable[LoadedPassage]) -> bool:
    """One of the better ones has nearly the same words, all its numbers, and as many negations."""
    return any(_says_the_same(passage.text, each.text) for each in better)


def _says_the_same(text: str, better: str) -> bool:
    if text == better:
        return True  # also where there is no word to compare
    one, other = terms_of(text), terms_of(better)
    together = len(one.words | other.words)
    return (
        together > 0
        and len(one.words & other.words) >= SAME_SHARE * together
        and one.numbers <= other.numbers
        and negations_in(text) == negations_in(better)
    )
