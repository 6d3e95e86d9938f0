"""Reranks a few passages, off the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from contracts.errors import ErrorKind, StoreError
from contracts.passages import RerankRequest, RerankResult
from embedding.reranker import Reranker
from retrieval.admission import Admission
from runtime import telemetry


class NoReranker(StoreError):
    """This installation has no model to rerank with."""

    kind = ErrorKind.NOT_FOUND
    code = "no_reranker"


class RerankingService:
    """The process's one reranker, if there is one."""

    def __init__(self, reranker: Reranker | None, admission: Admission) -> None:
        self._reranker = reranker
        self._admission = admission
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reranker")

    @property
    def is_on(self) -> bool:
        """There is a model to rerank with."""
        return self._reranker is not None

    @property
    def model_id(self) -> str | None:
        """Which model that is."""
        return None if self._reranker is None else self._reranker.model_id

    async def rerank(self, request: RerankRequest) -> RerankResult:
        """A score for each text. Raises NoReranker."""
        reranker = self._reranker
        if reranker is None:
            raise NoReranker("This installation has no reranker: see RETRIEVAL_RERANKER_PATH.")
        loop = asyncio.get_running_loop()
        async with self._admission.turn():
            with telemetry.span("rerank", attributes={"stoa.texts": len(request.texts)}):
                return await loop.run_in_executor(self._thread, _reranked, reranker, request)

    async def close(self) -> None:
        """Let the call under way end."""
        await asyncio.to_thread(self._thread.shutdown)


def _reranked(reranker: Reranker, request: RerankRequest) -> RerankResult:
    question, texts = request.question, request.texts
    return RerankResult(
        scores=reranker.scores(question, texts),
        model_id=reranker.model_id,
        tokens=reranker.count_tokens(question, texts),
    )
