"""What a question means among the listings, asked of retrieval, while that answers at once."""

import asyncio
import logging
from collections.abc import Sequence

from contracts.clients.retrieval import RetrievalClient
from contracts.errors import StoreError
from contracts.passages import SearchRequest
from gateway.catalog.rules.meaning import (
    NEAREST,
    SHELVES,
    Near,
    is_whole_question,
    near_enough,
    shelf_of,
)
from gateway.catalog.service.indexing import reader_of

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.25
MOST_AT_ONCE = 4
"""Searches of the store that retrieval sees from one gateway: answers come first."""
HITS = 20


class MeaningSearch:
    """Never fails: a retrieval that is slow, busy or away has found nothing."""

    def __init__(self, retrieval: RetrievalClient, wait_seconds: float = WAIT_SECONDS) -> None:
        self._retrieval = retrieval
        self._wait_seconds = wait_seconds
        self._asking = 0

    async def meant(self, query: str) -> Sequence[str]:
        """Ids that may be listings, the nearest first; none for what is no whole question."""
        asked = shelf_of(query)
        if asked is None or not is_whole_question(query) or self._asking >= MOST_AT_ONCE:
            return ()
        self._asking += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await self._found(asked, query)
        except (StoreError, TimeoutError) as error:
            log.info("the store was searched by words alone: %s", type(error).__name__)
            return ()
        finally:
            self._asking -= 1

    async def _found(self, asked: str, query: str) -> Sequence[str]:
        request, found, model_id = SearchRequest(query=query, limit=HITS), {}, ""
        for shelf in SHELVES:
            # One after the other: the second finds the question embedded.
            result = await self._retrieval.search(reader_of(shelf), request)
            found[shelf] = [Near(hit.document_version_id, hit.similarity) for hit in result.hits]
            model_id = result.stamp.model_id
        return near_enough(asked, found, NEAREST.get(model_id, {}))
