"""Finds what an answer may be read from."""

import asyncio
from collections.abc import Sequence

from contracts.clients.retrieval import RetrievalClient
from contracts.passages import SearchRequest
from gateway.answering.follow_ups import found_together
from gateway.answering.rules import QUERY_CHARACTERS, WIDENED, Asked, worth_reading
from gateway.knowledge.rules import LoadedPassage
from gateway.knowledge.service.reading import PassageReader
from runtime import telemetry


class PassageFinder:
    """Searches for a question, and loads what was found under the second lock."""

    def __init__(
        self, retrieval: RetrievalClient, passages: PassageReader, search_limit: int
    ) -> None:
        self._retrieval = retrieval
        self._passages = passages
        self._limit = search_limit

    async def relevant(self, asked: Asked, rewritten: str | None) -> Sequence[LoadedPassage]:
        """The passages that may have the answer, best first. rewritten: searched for as well."""
        principal = asked.principal
        questions = [asked.question] if rewritten is None else [asked.question, rewritten]
        with telemetry.span("search") as span:
            found = await asyncio.gather(
                *(
                    self._retrieval.search(
                        principal,
                        SearchRequest(query=question[:QUERY_CHARACTERS], limit=self._limit),
                    )
                    for question in questions
                )
            )
            hits = {hit.passage_id: hit for hit in found_together([each.hits for each in found])}
            loaded = await self._passages.load(
                principal.workspace_id or "", list(hits), principal.collections
            )
            pairs = [(passage, hits[passage.passage_id]) for passage in loaded]
            worth = worth_reading(asked.question, pairs, found[0].stamp.model_id)
            span.note({"stoa.hits": len(hits), "stoa.passages": len(worth)})
        return worth

    async def beside(
        self, asked: Asked, passages: Sequence[LoadedPassage]
    ) -> Sequence[LoadedPassage]:
        """What stands next to the best passages."""
        principal = asked.principal
        return await self._passages.beside(
            principal.workspace_id or "", passages[:WIDENED], principal.collections
        )
