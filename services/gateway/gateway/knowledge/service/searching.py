"""Search of one collection by its keepers' programs, without any assistant."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from contracts.clients.retrieval import RetrievalClient
from contracts.ids import new_id
from contracts.passages import MOST_VERSIONS, SearchRequest, SearchResult
from contracts.principal import CollectionGrant, Principal
from contracts.vector_search import CollectionSearch, FoundPassage, FoundText, SearchPage
from gateway.caller import Caller
from gateway.charges import Charges, Occasion
from gateway.db import Database
from gateway.knowledge.repository.documents import DocumentRepository
from gateway.knowledge.rules import LoadedPassage
from gateway.knowledge.service.finding import collection_for
from gateway.knowledge.service.reading import PassageReader
from gateway.policy.words import Action

QUERY_CHARACTERS = 2_000  # the embedding model reads 512 tokens; the rest would only travel
SPARE_HITS = 10
"""Hits asked for beyond the wanted ones: the second lock may refuse some."""


class CollectionSearchService:
    """Asks retrieval, and loads what it found under the second lock."""

    def __init__(
        self,
        database: Database,
        retrieval: RetrievalClient,
        passages: PassageReader,
        charges: Charges,
    ) -> None:
        self._charges = charges
        self._database = database
        self._retrieval = retrieval
        self._passages = passages

    async def search(
        self, caller: Caller, collection_id: str, wanted: CollectionSearch
    ) -> SearchPage:
        """The passages nearest to the questions, among the documents the filters leave."""
        only: Sequence[str] | None = None
        async with self._database.transaction() as tx:
            await collection_for(tx, caller, Action.DOWNLOAD, collection_id)
            if wanted.filters is not None:
                # Labels live here alone: they can change at any time, and the index never knows.
                found = await DocumentRepository(tx).current_versions(collection_id, wanted.filters)
                only = list(found)
        grant = CollectionGrant(collection_id=collection_id)
        principal = Principal(
            workspace_id=caller.workspace_id, member_id=caller.member_id, collections=(grant,)
        )
        started, results = time.monotonic(), await self._results(principal, wanted, only)
        # A question that was searched in several parts was embedded once.
        embedded = list(dict(reversed(results)).values())[::-1]
        total_ms = int((time.monotonic() - started) * 1000)
        self._charges.searched(Occasion.of(caller), new_id("search_"), embedded, total_ms)
        scores = _scores([result for _, result in results], wanted)
        best = sorted(scores, key=scores.__getitem__, reverse=True)
        loaded = await self._passages.load(caller.workspace_id, best, [grant])
        if only is not None:
            left = frozenset(only)
            loaded = [each for each in loaded if each.document_version_id in left]
        allowed = loaded[: wanted.max_num_results]
        labels = await self._labels(collection_id, allowed)
        data = [
            _found(each, scores[each.passage_id], labels.get(each.document_version_id, {}))
            for each in allowed
        ]
        return SearchPage(search_query=wanted.queries(), data=data)

    async def _results(
        self, principal: Principal, wanted: CollectionSearch, only: Sequence[str] | None
    ) -> list[tuple[str, SearchResult]]:
        """Each question with what was found for it, part by part."""
        return [
            (request.query, await self._retrieval.search(principal, request))
            for request in _requests(wanted, only)
        ]

    async def _labels(
        self, collection_id: str, passages: Sequence[LoadedPassage]
    ) -> dict[str, dict[str, Any]]:
        version_ids = {passage.document_version_id for passage in passages}
        async with self._database.transaction() as tx:
            return await DocumentRepository(tx).attributes_of(collection_id, list(version_ids))


def _scores(results: Sequence[SearchResult], wanted: CollectionSearch) -> dict[str, float]:
    """passage id -> its score for the question it answers best."""
    scores: dict[str, float] = {}
    threshold = wanted.ranking_options.score_threshold
    for hit in (hit for result in results for hit in result.hits):
        score = max(0.0, hit.score)
        if score >= threshold:
            scores[hit.passage_id] = max(score, scores.get(hit.passage_id, 0.0))
    return scores


def _requests(wanted: CollectionSearch, only: Sequence[str] | None) -> Iterator[SearchRequest]:
    """One search a question, and one for every so many documents a filter left."""
    limit = wanted.max_num_results + SPARE_HITS
    for question in wanted.queries():
        query = question[:QUERY_CHARACTERS]
        if only is None:
            yield SearchRequest(query=query, limit=limit)
            continue
        for start in range(0, len(only), MOST_VERSIONS):
            part = list(only[start : start + MOST_VERSIONS])
            yield SearchRequest(query=query, limit=limit, only_versions=part)


def _found(passage: LoadedPassage, score: float, attributes: dict[str, Any]) -> FoundPassage:
    return FoundPassage(
        file_id=passage.file_id,
        filename=passage.filename,
        score=score,
        attributes=attributes,
        content=[FoundText(text=passage.text)],
        passage_id=passage.passage_id,
        document_version=passage.document_version,
        page=passage.page,
        start=passage.start,
        end=passage.end,
    )
