"""Joins the two searches: by meaning and by words. Scores are joined, not ranks (rag.md 4.2).

Words are compared within a script only. A passage in another script than the question's stands by
its meaning alone: a lexical list of noise would still vote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from contracts.passages import SearchHit
from retrieval.ports import Found, Match

CANDIDATES = 100
"""Taken of each search. Fitted with the share: the scale of meaning ends at the last of them."""

WORDS_SHARE = 0.35
"""How much of a score words make, where they are compared (docs/quality.md)."""


@dataclass(frozen=True)
class Question:
    """What fusion knows of a question: the scripts it is written in."""

    scripts: tuple[str, ...]

    def compares_words_with(self, passage: Found) -> bool:
        """Question and passage share a script."""
        return not set(self.scripts).isdisjoint(passage.scripts)


class _Case(NamedTuple):
    """A point as both searches saw it, stretched to 0..1, and the scores as they were."""

    meaning: float
    shared: float
    similarity: float
    words: float


class Candidates:
    """The points of both lists, each with a score that its script decides.

    Each list is stretched to 0..1: meaning from its last score to its best one, words from nothing
    to their best one. What only words found has the last place of meaning.
    """

    def __init__(self, by_meaning: Sequence[Match], by_words: Sequence[Match]) -> None:
        meanings = {match.point: match.score for match in by_meaning}
        words = {match.point: match.score for match in by_words}
        worst, best = min(meanings.values(), default=0.0), max(meanings.values(), default=0.0)
        most = max(words.values(), default=0.0)
        width = best - worst
        self._share = WORDS_SHARE if most > 0 else 0.0
        self._cases = {
            point: _Case(
                (similarity - worst) / width if width > 0 else 1.0,
                words.get(point, 0.0) / most if most > 0 else 0.0,
                similarity,
                words.get(point, 0.0),
            )
            for point, similarity in (dict.fromkeys(words, worst) | meanings).items()
        }

    def promising(self) -> list[tuple[str, float]]:
        """Every point and the most that it can score, the most first."""
        share = self._share
        most = [
            (point, max(meaning, (1 - share) * meaning + share * shared))
            for point, (meaning, shared, _, _) in self._cases.items()
        ]
        return sorted(most, key=itemgetter(1), reverse=True)

    def hits(
        self, question: Question, passages: Mapping[str, Found], limit: int
    ) -> list[SearchHit]:
        """Of the passages that were read, the best; equal ones in the order of documents."""
        scored = []
        for point, passage in passages.items():
            share = self._share if question.compares_words_with(passage) else 0.0
            case = self._cases[point]
            score = (1 - share) * case.meaning + share * case.shared
            scored.append((-score, passage.document_id, passage.index, point))
        return [
            _hit(passages[each[3]], -each[0], self._cases[each[3]])
            for each in sorted(scored)[:limit]
        ]


def _hit(passage: Found, score: float, case: _Case) -> SearchHit:
    return SearchHit(
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        document_version_id=passage.document_version_id,
        collection_id=passage.collection_id,
        index=passage.index,
        score=score,
        similarity=max(-1.0, min(1.0, case.similarity)),  # float32 sums may overshoot a little
        words=case.words,
    )
