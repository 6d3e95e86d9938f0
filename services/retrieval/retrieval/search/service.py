"""Finds the passages nearest to a question among those the caller may read."""

from dataclasses import replace

from contracts.passages import SearchRequest, SearchResult
from contracts.principal import Principal
from retrieval.admission import Admission
from retrieval.embeddings.service import EmbeddingService
from retrieval.metrics import SEARCH_SECONDS
from retrieval.ports import Scope, VectorStore
from retrieval.tenancy import scope_of


class SearchService:
    """Dense search. Lexical search and fusion will join it behind the same call."""

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
        async with self._admission.turn():
            vector = await self._embeddings.question(scope.tenant, request.query)
            hits = await self._store.search(scope, vector, request.limit)
        return SearchResult(stamp=self._embeddings.stamp, hits=hits)
