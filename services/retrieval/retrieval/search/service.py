"""Finds the passages nearest to a question among those the caller may read."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from contracts.passages import SearchHit, SearchRequest, SearchResult
from contracts.principal import Principal
from lexical.scripts import QUESTION_SHARE, scripts_of
from lexical.weights import question_weights
from retrieval.admission import Admission
from retrieval.embeddings.service import EmbeddingService
from retrieval.metrics import SEARCH_SECONDS
from retrieval.ports import Found, Scope, VectorStore
from retrieval.search.fusion import CANDIDATES, Candidates, Question
from retrieval.tenancy import scope_of


class Shelf(Protocol):
    """Where passages are read: of a VectorStore, what the end of a search needs."""

    async def passages(self, tenant: str, points: Sequence[str]) -> dict[str, Found]:
        """See VectorStore."""


class SearchService:
    """Search by meaning and by words, joined."""

    def __init__(
        self,
        store: VectorStore,
        embeddings: EmbeddingService,
        admission: Admission,
        *,
        can_rerank: bool = False,
    ) -> None:
        self._can_rerank = can_rerank
        self._store = store
        self._embeddings = embeddings
        self._admission = admission

    async def search(self, principal: Principal, request: SearchRequest) -> SearchResult:
        """Hits within the principal's grants; without grants the index is not even asked."""
        scope = scope_of(principal)
        if request.only_versions is not None:
            # The one thing a request may say about what is searched: it narrows the grants.
            scope = replace(scope, only_versions=tuple(request.only_versions))
        if scope.is_empty:
            return SearchResult(stamp=self._embeddings.stamp, hits=[])
        with SEARCH_SECONDS.time():
            return await self._found(scope, request)

    async def _found(self, scope: Scope, request: SearchRequest) -> SearchResult:
        question = Question(tuple(scripts_of(request.query, QUESTION_SHARE)))
        words = question_weights(request.query)
        async with self._admission.turn():
            asked, by_words = await asyncio.gather(
                self._embeddings.question(scope.tenant, request.query),
                self._store.sharing_words(
                    scope, words, question.scripts, max(CANDIDATES, request.limit)
                ),
            )
            by_meaning = await self._store.nearest(
                scope, asked.vector, max(CANDIDATES, request.limit)
            )
            candidates = Candidates(by_meaning, by_words)
            hits = await best(self._store, scope.tenant, question, candidates, request.limit)
        return SearchResult(
            stamp=self._embeddings.stamp,
            hits=hits,
            can_rerank=self._can_rerank,
            question_tokens=asked.tokens,
            is_remembered=asked.is_remembered,
        )


async def best(
    shelf: Shelf, tenant: str, question: Question, candidates: Candidates, limit: int
) -> list[SearchHit]:
    """The best hits. Reads the promising passages, and of the others those that may yet be in."""
    promising = candidates.promising()
    likely = [point for point, _ in promising[: 2 * limit]]
    passages = await shelf.passages(tenant, likely)
    hits = candidates.hits(question, passages, limit)
    least = hits[limit - 1].score if len(hits) >= limit else 0.0
    rest = [point for point, most in promising[2 * limit :] if most >= least]
    if rest:
        passages |= await shelf.passages(tenant, rest)
        hits = candidates.hits(question, passages, limit)
    return hits
