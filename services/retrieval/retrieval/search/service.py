"""Finds the passages nearest to a question among those the caller may read."""

from dataclasses import replace

from contracts.passages import SearchRequest, SearchResult
from contracts.principal import Principal
from lexical.scripts import QUESTION_SHARE, scripts_of
from lexical.weights import question_weights
from retrieval.admission import Admission
from retrieval.embeddings.service import EmbeddingService
from retrieval.metrics import SEARCH_SECONDS
from retrieval.ports import Scope, VectorStore
from retrieval.search.fusion import CANDIDATES, Question, fused
from retrieval.tenancy import scope_of


class SearchService:
    """Search by meaning and by words, joined."""

    def __init__(
        self, store: VectorStore, embeddings: EmbeddingService, admission: Admission
    ) -> None:
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
        limit = max(CANDIDATES, request.limit)
        question = Question(tuple(scripts_of(request.query, QUESTION_SHARE)))
        words = question_weights(request.query)
        async with self._admission.turn():
            by_words = await self._store.sharing_words(scope, words, question.scripts, limit)
            vector = await self._embeddings.question(scope.tenant, request.query)
            by_meaning = await self._store.nearest(scope, vector, limit)
        hits = fused(question, by_meaning, by_words)
        return SearchResult(stamp=self._embeddings.stamp, hits=hits[: request.limit])
