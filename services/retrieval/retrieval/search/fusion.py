"""Joins the two searches: by meaning and by words. Scores are joined, not ranks (rag.md 4.2).

Words are compared within a script only. A passage in another script than the question's stands by
its meaning alone: a lexical list of noise would still vote.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.passages import SearchHit
from retrieval.ports import Found

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


def fused(
    question: Question, by_meaning: Sequence[Found], by_words: Sequence[Found]
) -> list[SearchHit]:
    """All passages of both lists, best first; equal ones in the order of documents.

    Each list is stretched to 0..1: meaning from its last score to its best one, words from nothing
    to their best one. What only words found has the last place of meaning.
    """
    meanings = {passage.passage_id: passage.score for passage in by_meaning}
    words = {passage.passage_id: passage.score for passage in by_words}
    passages = {passage.passage_id: passage for passage in (*by_words, *by_meaning)}
    worst, best = min(meanings.values(), default=0.0), max(meanings.values(), default=0.0)
    most = max(words.values(), default=0.0)
    hits = []
    for passage_id, passage in passages.items():
        similarity = meanings.get(passage_id, worst)
        meaning = (similarity - worst) / (best - worst) if best > worst else 1.0
        shared = words.get(passage_id, 0.0)
        share = WORDS_SHARE if most > 0 and question.compares_words_with(passage) else 0.0
        score = (1 - share) * meaning + share * (shared / most if share else 0.0)
        hits.append(_hit(passage, score, similarity, shared))
    return sorted(hits, key=lambda hit: (-hit.score, hit.document_id, hit.index))


def _hit(passage: Found, score: float, similarity: float, words: float) -> SearchHit:
    return SearchHit(
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        document_version_id=passage.document_version_id,
        collection_id=passage.collection_id,
        index=passage.index,
        score=score,
        similarity=max(-1.0, min(1.0, similarity)),  # float32 sums may overshoot a little
        words=words,
    )
