"""Which models are served now, and which one an assistant runs on."""

import time
from collections.abc import Sequence

from contracts.clients.inference import InferenceClient
from contracts.generation import ServedModel
from contracts.principal import Principal
from gateway.answering.errors import ModelNotServed
from gateway.assistants.rules import RunnableAssistant
from gateway.prices.service.overlay import PriceList

_MODELS_FRESH_SECONDS = 5.0


class ServedModelList:
    """What inference serves, asked at most every few seconds, at the installation's prices."""

    def __init__(self, inference: InferenceClient, default_model: str, prices: PriceList) -> None:
        self._inference = inference
        self._prices = prices
        self._default_model = default_model
        self._models: list[ServedModel] = []
        self._asked_at = float("-inf")

    async def all(self) -> Sequence[ServedModel]:
        """Every model that can be asked now, at the price of now: whoever begins a call with it
        keeps that price to its end."""
        if time.monotonic() - self._asked_at > _MODELS_FRESH_SECONDS:
            self._models = (await self._inference.models(Principal())).data
            self._asked_at = time.monotonic()
        return await self._prices.over(self._models)

    async def find(self, model_id: str) -> ServedModel | None:
        """The served model of this id."""
        return next((model for model in await self.all() if model.id == model_id), None)

    async def of_assistant(self, assistant: RunnableAssistant) -> ServedModel:
        """The model an assistant runs on. Raises ModelNotServed."""
        model = await self.find(assistant.model or self._default_model)
        if model is None:
            raise ModelNotServed(
                f"The model of {assistant.name} is not served at the moment.",
                retry_after_seconds=5,
            )
        return model
