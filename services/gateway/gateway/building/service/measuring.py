"""The size of a draft, and the models it may run on."""

import logging

from contracts.building import Measure, MeasuredModel
from contracts.errors import StoreError
from contracts.principal import Principal
from gateway.answering.service.models import ServedModelList
from gateway.assistants.filling import unknown_names
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.planning.service import TokenCounts

log = logging.getLogger(__name__)


class MeasuringService:
    """Counts with the model's own tokenizer. Without an engine it says what it knows."""

    def __init__(
        self,
        assistants: AssistantService,
        models: ServedModelList,
        counts: TokenCounts,
        default_model: str,
    ) -> None:
        self._assistants = assistants
        self._models = models
        self._counts = counts
        self._default_model = default_model

    async def measure(self, caller: Caller, assistant_id: str) -> Measure:
        """The draft as it is saved."""
        view = await self._assistants.get(caller, assistant_id)
        measure = Measure(
            model=view.model or self._default_model,
            unknown_variables=unknown_names(view.instructions, view.variables),
        )
        principal = Principal(workspace_id=caller.workspace_id, member_id=caller.member_id)
        try:
            served = await self._models.all()
            measure.models = [
                MeasuredModel(id=each.id, window_tokens=each.window_tokens, price=each.price)
                for each in served
            ]
            chosen = next((each for each in served if each.id == measure.model), None)
            if chosen is not None:
                text = view.instructions
                counts = await self._counts.of(principal, chosen.id, [text] if text else [])
                measure.window_tokens = chosen.window_tokens
                measure.instructions_tokens = counts.get(text, 0)
        except StoreError as error:
            log.warning("instructions were not measured: %s", error.code)
        return measure
