"""Finds what an answer may be read from."""

import asyncio
import logging
import time
from collections.abc import Sequence

from contracts.clients.retrieval import RetrievalClient
from contracts.errors import StoreError
from contracts.passages import RerankRequest, SearchRequest
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
        principal = asked.principal
        questions = [asked.question] if rewritten is None else [asked.question, rewritten]
        with telemetry.span("search") as span:
            started = time.monotonic()
            found = await asyncio.gather(
                *(
                    self._retrieval.search(
                        principal,
                        SearchRequest(query=question[:QUERY_CHARACTERS], limit=self._limit),
                    )
                    for question in questions
                )
            )
            self._charges.searched(occasion_of(asked), asked.request_id, found, _ms_since(started))
            hits = {hit.passage_id: hit for hit in found_together([each.hits for each in found])}
            loaded = await self._passages.load(
                principal.workspace_id or "", list(hits), principal.collections
            )
            pairs = [(passage, hits[passage.passage_id]) for passage in loaded]
            worth = worth_reading(
                asked.question, pairs, found[0].stamp.model_id, asked.retrieval.strictness
            )
            span.note({"stoa.hits": len(hits), "stoa.passages": len(worth)})
        return await self._reranked(asked, questions[-1], worth) if found[0].can_rerank else worth

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
        principal = asked.principal
        return await self._passages.beside(
            principal.workspace_id or "", passages[:WIDENED], principal.collections
        )


def _ms_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
