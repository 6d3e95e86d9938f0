"""The ledger rows of the calls that search needs: embedding questions and documents, reranking."""

import asyncio
import logging
from collections.abc import Sequence

from contracts.generation import EngineUsage, ServedModel
from contracts.passages import RerankResult, SearchResult
from gateway.charges import Embedded, Occasion
from gateway.prices.service.overlay import PriceList
from gateway.reservations.service.reserving import ReservationService
from gateway.usage.charging import CalledModel, ModelCall, Purpose
from gateway.usage.rules import token_price
from runtime.background import Background

log = logging.getLogger(__name__)

SEARCHES, READS = "retrieval", "ingest"
"""Which process ran the model, in the column of engines."""
_PAUSES_SECONDS = (0.2, 2.0, None)


class SearchCharges:
    """Writes what search used. Nobody waits for it, and a caller who leaves takes nothing along."""

    def __init__(
        self, prices: PriceList, reservations: ReservationService, background: Background
    ) -> None:
        self._prices = prices
        self._reservations = reservations
        self._background = background

    def searched(
        self, occasion: Occasion, request_id: str, found: Sequence[SearchResult], total_ms: int
    ) -> None:
        """See Charges."""
        for number, result in enumerate(found, start=1):
            if result.question_tokens:
                name = f"{request_id}:embed_question"
                name = name if number == 1 else f"{name}:{number}"
                writing = self._question(occasion, name, result, total_ms)
                self._background.start(writing, name="charge")

    def reranked(
        self, occasion: Occasion, request_id: str, result: RerankResult, total_ms: int
    ) -> None:
        """See Charges."""
        writing = self._rerank(occasion, f"{request_id}:rerank", result, total_ms)
        self._background.start(writing, name="charge")

    def cited(self, occasion: Occasion, request_id: str, embedded: Embedded) -> None:
        """See Charges."""
        if embedded.tokens:
            self._background.start(self._citation(occasion, request_id, embedded), name="charge")

    async def document(
        self, occasion: Occasion, version_id: str, model_id: str, tokens: int
    ) -> None:
        """See Charges."""
        if tokens:
            model = await self._prices.embedding(model_id, READS)
            usage = EngineUsage(input_tokens=tokens, output_tokens=0)
            name = f"{version_id}:embed_document"
            await self._reservations.record(
                _call(occasion, (name, "embed_document"), model, usage, None)
            )

    async def _question(
        self, occasion: Occasion, request_id: str, result: SearchResult, total_ms: int
    ) -> None:
        tokens = result.question_tokens
        usage = EngineUsage(
            input_tokens=tokens, cached_tokens=tokens * result.is_remembered, output_tokens=0
        )
        model = await self._prices.embedding(result.stamp.model_id, SEARCHES)
        await self._written(_call(occasion, (request_id, "embed_question"), model, usage, total_ms))

    async def _citation(self, occasion: Occasion, request_id: str, embedded: Embedded) -> None:
        usage = EngineUsage(input_tokens=embedded.tokens, output_tokens=0)
        model = await self._prices.embedding(embedded.model_id, SEARCHES)
        named: tuple[str, Purpose] = (f"{request_id}:embed_citation", "embed_citation")
        await self._written(_call(occasion, named, model, usage, None))

    async def _rerank(
        self, occasion: Occasion, request_id: str, result: RerankResult, total_ms: int
    ) -> None:
        usage = EngineUsage(input_tokens=result.tokens, output_tokens=0)
        model = await self._prices.reranker(result.model_id, SEARCHES)
        await self._written(_call(occasion, (request_id, "rerank"), model, usage, total_ms))

    async def _written(self, call: ModelCall) -> None:
        """Tried again, because a call that was made must be charged. Its id is written once."""
        for pause_seconds in _PAUSES_SECONDS:
            try:
                await self._reservations.record(call)
            except Exception:
                log.exception("ledger row of %s not written: %s", call.request_id, call.usage)
                if pause_seconds is not None:
                    await asyncio.sleep(pause_seconds)
            else:
                return


def _call(
    occasion: Occasion,
    named: tuple[str, Purpose],
    model: ServedModel,
    usage: EngineUsage,
    total_ms: int | None,
) -> ModelCall:
    request_id, purpose = named
    return ModelCall(
        request_id=request_id,
        purpose=purpose,
        payer=occasion.payer,
        assistant_version=occasion.assistant_version,
        conversation_id=occasion.conversation_id,
        model=CalledModel(model.id, model.engine, model.price.currency, token_price(model.price)),
        usage=usage,
        status="complete",
        first_token_ms=None,
        total_ms=total_ms,
    )
