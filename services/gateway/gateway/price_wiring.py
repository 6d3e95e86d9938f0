"""Builds what calls are priced and limited by: part of the gateway's composition root."""

import logging
from collections.abc import Sequence

from contracts.clients.inference import InferenceClient
from contracts.clients.retrieval import RetrievalClient
from contracts.errors import StoreError
from contracts.principal import Principal
from gateway.caller import Caller
from gateway.prices.service.overlay import PriceList
from gateway.prices.service.prices import PricedModel

log = logging.getLogger(__name__)


class InstallationModels:
    """Every model of the installation at the price it comes with: those of chat and of search."""

    def __init__(
        self, inference: InferenceClient, retrieval: RetrievalClient, prices: PriceList
    ) -> None:
        self._inference = inference
        self._retrieval = retrieval
        self._prices = prices

    async def __call__(self, caller: Caller) -> Sequence[PricedModel]:
        """A process that does not answer has its models left out: prices can be read without."""
        who = Principal(workspace_id=caller.workspace_id, member_id=caller.member_id)
        return [*await self._chat(), *await self._search(who)]

    async def _chat(self) -> list[PricedModel]:
        try:
            served = (await self._inference.models(Principal())).data
        except StoreError as error:
            log.warning("models of engines not listed: %s", error.code)
            return []
        return [PricedModel(model.id, "chat", model.price) for model in served]

    async def _search(self, who: Principal) -> list[PricedModel]:
        try:
            models = await self._retrieval.models(who)
        except StoreError as error:
            log.warning("models of search not listed: %s", error.code)
            return []
        found = [PricedModel(models.embedding, "embedding", self._prices.embedding_default())]
        if models.reranker is not None:
            default = self._prices.rerank_default()
            found.append(PricedModel(models.reranker, "rerank", default))
        return found
