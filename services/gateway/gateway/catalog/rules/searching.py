"""Search over the words of listings, in memory: English and Chinese, as one types, with slips.

The same words as passages have (libs/lexical), weighed like BM25 by field and by how rare a word
is. The last word of a query may be unfinished; a word that no listing has is taken for the nearest
ones of names and tags.
"""

import math
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import regex
from rapidfuzz import process
from rapidfuzz.distance import OSA

from lexical.analyser import words

NAME, TAGS, BUILDER, DESCRIPTION = 4.0, 3.0, 2.0, 1.0
"""What a word is worth where it stands."""
SATURATION = 1.2
LEAST_SHARE = 0.5
"""Of the words of a query, what a listing must have to be found."""
MOST_QUERY_WORDS = 32
MOST_ENDINGS = 64
"""Of the words that an unfinished one may become."""
SLIP_WEIGHT = 0.7
SHORTEST_SLIP, LONG_WORD = 4, 8
"""Letters from which on a word may have one slip, or two."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_SPACED = regex.compile(r"[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]+")


@dataclass(frozen=True)
class Analysed:
    """The words of a listing: word -> weight, and those of name, tags and builder as written."""

    weights: Mapping[str, float]
    written: frozenset[str]


def analysed(name: str, tags: Iterable[str], builder: str, description: str) -> Analysed:
    """What of a listing can be found."""
    tag_line = " ".join(tags)
    fields = ((name, NAME), (tag_line, TAGS), (builder, BUILDER), (description, DESCRIPTION))
    found: defaultdict[str, float] = defaultdict(float)
    for text, worth in fields:
        for word in words(text):
            found[word] += worth
    weights = {word: total / (total + SATURATION) for word, total in found.items()}
    return Analysed(weights, frozenset(_written(f"{name} {tag_line} {builder}")))


class WordIndex:
    """Which listings hold a word. Changed in place, by one thread."""

    def __init__(self) -> None:
        self._listings: dict[str, Analysed] = {}
        self._holders: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._writers: defaultdict[str, set[str]] = defaultdict(set)
        self._sorted: list[str] | None = None

    def put(self, listing_id: str, found: Analysed) -> None:
        """Make it the words of a listing."""
        self.drop(listing_id)
        self._listings[listing_id] = found
        for word, weight in found.weights.items():
            self._holders[word][listing_id] = weight
        for word in found.written:
            self._writers[word].add(listing_id)
        self._sorted = None

    def drop(self, listing_id: str) -> None:
        """Forget a listing, if it is there."""
        known = self._listings.pop(listing_id, None)
        if known is None:
            return
        for word in known.weights:
            self._holders[word].pop(listing_id, None)
            if not self._holders[word]:
                del self._holders[word]
        for word in known.written:
            self._writers[word].discard(listing_id)
            if not self._writers[word]:
                del self._writers[word]
        self._sorted = None

    def sort(self) -> None:
        """Put what changed in order, so that the next who asks need not wait for it."""
        self._vocabulary()

    def search(self, query: str) -> dict[str, float]:
        """Listing id -> how well it fits, above 0; {} when nothing does."""
        terms = [*self._terms(query)]
        scores: dict[str, float] = {}
        for rarity, holders in terms:
            for listing_id, weight in holders.items():
                scores[listing_id] = scores.get(listing_id, 0.0) + rarity * weight
        least = math.ceil(len(terms) * LEAST_SHARE)
        if least <= 1:
            return scores
        counts = Counter(chain.from_iterable(holders for _, holders in terms))
        return {each: score for each, score in scores.items() if counts[each] >= least}

    def _terms(self, query: str) -> Iterable[tuple[float, Mapping[str, float]]]:
        """Of each word of the query its rarity, and who holds it how much."""
        written = _written(query)[:MOST_QUERY_WORDS]
        unfinished = written[-1] if written and not query[-1:].isspace() else ""
        for piece in written:
            if _SPACED.fullmatch(piece):
                holders = self._spaced(piece, is_unfinished=piece == unfinished)
                if holders is not None:
                    yield self._rarity(len(holders)), holders
            else:
                for word in words(piece):
                    yield self._rarity(len(self._held(word))), self._held(word)

    def _spaced(self, piece: str, *, is_unfinished: bool) -> Mapping[str, float] | None:
        """Who holds a word of a script with blanks; None for one that says nothing."""
        stems = words(piece)
        if not stems and not is_unfinished:
            return None
        holders: dict[str, float] = {}
        for stem in stems:
            _join(holders, self._held(stem))
        if is_unfinished:
            for word in self._beginning_with(piece):
                _join(holders, dict.fromkeys(self._writers[word], SLIP_WEIGHT))
        if not holders and stems:
            for word in self._near(piece):
                _join(holders, dict.fromkeys(self._writers[word], SLIP_WEIGHT))
        return holders if holders or stems else None

    def _held(self, word: str) -> Mapping[str, float]:
        return self._holders.get(word, {})

    def _rarity(self, holders: int) -> float:
        return math.log(1 + (len(self._listings) - holders + 0.5) / (holders + 0.5))

    def _beginning_with(self, start: str) -> list[str]:
        known = self._vocabulary()
        at = bisect_left(known, start)
        return [word for word in known[at : at + MOST_ENDINGS] if word.startswith(start)]

    def _near(self, piece: str) -> list[str]:
        if len(piece) < SHORTEST_SLIP:
            return []
        slips = 2 if len(piece) >= LONG_WORD else 1
        near = process.extract(
            piece, self._vocabulary(), scorer=OSA.distance, score_cutoff=slips, limit=5
        )
        return [word for word, _, _ in near]

    def _vocabulary(self) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self._writers)
        return self._sorted


def _written(text: str) -> list[str]:
    """Words as they are written, case aside, in their order."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(plain)


def _join(holders: dict[str, float], more: Mapping[str, float]) -> None:
    for listing_id, weight in more.items():
        holders[listing_id] = max(weight, holders.get(listing_id, 0.0))
