"""What the embedded index remembers of its collections, so that a search need not count it."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import qdrant_edge as edge

from contracts.passages import FOREVER, WordWeights
from retrieval.adapters.edge_filters import PLACE, equals

WORDS = "words"
PAGE = 250
"""Read at once: some 15 ms, for which a search may have to wait."""

WORDS_KEPT = 1_000_000
"""Distinct words over all places; about 100 MB. Beyond it the index counts, as it can."""


@dataclass
class Place:
    """One collection: its passages, how many hold each word, and the last epoch that changed it.

    passages: those with words; Qdrant counts no others. holding: None when its words are too many
    to keep.
    """

    passages: int = 0
    latest_epoch: int = 0
    holding: Counter[int] | None = field(default_factory=Counter)

    def add(self, words: Iterable[Sequence[int]]) -> None:
        """Passages with these words came."""
        for indices in filter(None, words):
            self.passages += 1
            if self.holding is not None:
                self.holding.update(indices)

    def remove(self, words: Iterable[Sequence[int]]) -> None:
        """Passages with these words went."""
        for indices in filter(None, words):
            self.passages -= 1
            if self.holding is not None:
                self.holding.subtract(indices)


class Places:
    """The places remembered. Written by the thread of all writes, read by everyone."""

    def __init__(self, shard: edge.EdgeShard, words_kept: int = WORDS_KEPT) -> None:
        self._shard = shard
        self._words_kept = words_kept
        self._places: dict[str, Place] = {}
        self._is_stopped = False

    def stop(self) -> None:
        """Learn nothing more: the index is about to close."""
        self._is_stopped = True

    def get(self, name: str) -> Place | None:
        """The place, if it is remembered."""
        return self._places.get(name)

    def learn(self, name: str) -> None:
        """Count a place, unless it is remembered."""
        if name in self._places:
            return
        place = Place()
        corpus = edge.Filter(must=[equals(PLACE, name)])
        for page in pages(self._shard, corpus, ["from_epoch", "until_epoch"], [WORDS]):
            if self._is_stopped:
                return
            place.add(words_in(page))
            for record in page:
                payload = record.payload or {}
                ends = (payload["from_epoch"], payload["until_epoch"])
                place.latest_epoch = max(place.latest_epoch, *(e for e in ends if e < FOREVER), 0)
        self._places[name] = place
        self._make_room()

    def forget(self, name: str) -> None:
        """Have the place counted again when it is next asked for."""
        self._places.pop(name, None)

    def _make_room(self) -> None:
        held = sum(len(place.holding or ()) for place in self._places.values())
        for place in self._places.values():  # the oldest first
            if held <= self._words_kept:
                return
            held -= len(place.holding or ())
            place.holding = None


def pages(
    shard: edge.EdgeShard, of: edge.Filter | None, payload: bool | list[str], vectors: list[str]
) -> Iterator[list[edge.Record]]:
    """All points of a filter, some at a time."""
    offset = None
    while True:
        page, offset = shard.scroll(
            edge.ScrollRequest(
                limit=PAGE, offset=offset, filter=of, with_payload=payload, with_vector=vectors
            )
        )
        yield page
        if offset is None:
            return


def words_in(records: Iterable[edge.Record]) -> Iterator[list[int]]:
    """The words of each record."""
    for record in records:
        vectors = record.vector
        words = vectors.get(WORDS) if isinstance(vectors, dict) else None
        yield words.indices if isinstance(words, edge.SparseVector) else []


def weighed(words: WordWeights, places: Sequence[Place]) -> WordWeights | None:
    """The question's words times their rarity over the places, as Qdrant computes it.

    None when the words of a place are not kept.
    """
    counts = [place.holding for place in places]
    passages = sum(place.passages for place in places)
    values = []
    for index, value in zip(words.indices, words.values, strict=True):
        holding = 0
        for count in counts:
            if count is None:
                return None
            holding += count[index]
        values.append(value * math.log1p((passages - holding + 0.5) / (holding + 0.5)))
    return WordWeights.model_construct(indices=words.indices, values=values)
