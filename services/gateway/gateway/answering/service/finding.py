"""Finds what an answer may be read from."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import NamedTuple

from contracts.clients.retrieval import RetrievalClient
from contracts.errors import StoreError
from contracts.passages import RerankRequest, SearchHit, SearchRequest, SearchResult
from contracts.principal import Principal
from gateway.answering.follow_ups import found_together
from gateway.answering.relevance import worth_reading
from gateway.answering.rules import (
    QUERY_CHARACTERS,
    RERANKED,
    RERANKED_CHARACTERS,
    WIDENED,
    Asked,
    occasion_of,
    reranked,
)
from gateway.charges import Charges
from gateway.knowledge.rules import LoadedPassage
from gateway.knowledge.service.reading import PassageReader
from runtime import telemetry

log = logging.getLogger(__name__)


READ_WHOLE, READ_FIRST = 12, 6
"""Attached files of so many passages in all are read whole; of others so many."""


class _Shelf(NamedTuple):
    """What one search found: an answer for each question, and the passages that may be read."""

    results: Sequence[SearchResult]
    pairs: Sequence[tuple[LoadedPassage, SearchHit]]


class PassageFinder:
    """Searches for a question, and loads what was found under the second lock."""

    def __init__(
        self,
        retrieval: RetrievalClient,
        passages: PassageReader,
        charges: Charges,
        search_limit: int,
    ) -> None:
        self._retrieval = retrieval
        self._passages = passages
        self._charges = charges
        self._limit = search_limit

    async def relevant(self, asked: Asked, rewritten: str | None) -> Sequence[LoadedPassage]:
        """The passages that may have the answer, best first. rewritten: searched for as well."""
        questions = [asked.question] if rewritten is None else [asked.question, rewritten]
        with telemetry.span("search") as span:
            started = time.monotonic()
            # One after the other: the second finds the question embedded.
            shelves = [await self._on_shelf(shelf, questions) for shelf in asked.shelves]
            found = [result for shelf in shelves for result in shelf.results]
            self._charges.searched(occasion_of(asked), asked.request_id, found, _ms_since(started))
            pairs = [pair for shelf in shelves for pair in shelf.pairs]
            worth: Sequence[LoadedPassage] = worth_reading(
                asked.question, pairs, found[0].stamp.model_id, asked.retrieval.strictness
            )
            hits = {hit.passage_id for result in found for hit in result.hits}
            span.note({"stoa.hits": len(hits), "stoa.passages": len(worth)})
        if found[0].can_rerank:
            worth = await self._reranked(asked, questions[-1], worth)
        return [*worth, *await self._unasked(asked, worth)]

    async def _on_shelf(self, shelf: Principal, questions: Sequence[str]) -> "_Shelf":
        results = await asyncio.gather(
            *(
                self._retrieval.search(
                    shelf, SearchRequest(query=question[:QUERY_CHARACTERS], limit=self._limit)
                )
                for question in questions
            )
        )
        hits = {hit.passage_id: hit for hit in found_together([each.hits for each in results])}
        loaded = await self._passages.load(shelf.workspace_id or "", list(hits), shelf.collections)
        return _Shelf(results, [(passage, hits[passage.passage_id]) for passage in loaded])

    async def _unasked(
        self, asked: Asked, found: Sequence[LoadedPassage]
    ) -> Sequence[LoadedPassage]:
        """Of attached files what is read whatever was asked: all of small ones; of others the
        beginning, where nothing else was found in them ("What is this about?")."""
        workspace_id = asked.caller.workspace_id
        begin = await self._passages.beginning(workspace_id, asked.attached, READ_WHOLE + 1)
        if len(begin) > READ_WHOLE:
            documents = {passage.document_id for passage in begin}
            is_found = any(passage.document_id in documents for passage in found)
            begin = [] if is_found else begin[:READ_FIRST]
        known = {passage.passage_id for passage in found}
        return [passage for passage in begin if passage.passage_id not in known]

    async def _reranked(
        self, asked: Asked, question: str, worth: Sequence[LoadedPassage]
    ) -> Sequence[LoadedPassage]:
        """The passages in the order of the installation's reranker, while it can be asked."""
        if len(worth) < 2:
            return worth
        request = RerankRequest(
            question=question[:QUERY_CHARACTERS],
            texts=[passage.text[:RERANKED_CHARACTERS] for passage in worth[:RERANKED]],
        )
        started = time.monotonic()
        try:
            result = await self._retrieval.rerank(asked.principal, request)
        except StoreError as error:
            log.warning("passages were not reranked: %s", error.code)
            return worth
        self._charges.reranked(occasion_of(asked), asked.request_id, result, _ms_since(started))
        return reranked(worth, result.scores)

    async def beside(
        self, asked: Asked, passages: Sequence[LoadedPassage]
    ) -> Sequence[LoadedPassage]:
        """What stands next to the best passages."""
        return [
            passage
            for shelf in asked.shelves
            for passage in await self._passages.beside(
                shelf.workspace_id or "", passages[:WIDENED], shelf.collections
            )
        ]


def _ms_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
