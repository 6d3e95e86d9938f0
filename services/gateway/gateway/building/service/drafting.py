"""A first draft out of a few sentences, by the installation's default model."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from contracts.building import DraftedAssistant, DraftRequest
from contracts.clients.inference import InferenceClient
from contracts.generation import GenerationRequest
from contracts.ids import new_id
from gateway.answering.errors import ModelNotServed
from gateway.answering.rules import Asked, Meter, bounds_of_call, most_tokens
from gateway.answering.service.models import ServedModelList
from gateway.answering.service.settling import Settling
from gateway.assistants.errors import NotTheBuilder
from gateway.building.rules import DRAFT_SCHEMA, drafted, drafting_messages
from gateway.caller import Caller
from gateway.policy.loading import require
from gateway.policy.rules import here
from gateway.policy.words import Action, Kind
from gateway.quotas.service import QuotaService
from gateway.settings import ReplyLimits
from runtime.background import Background

_MOST_TOKENS = 700
_TEMPERATURE = 0.4


@dataclass(frozen=True)
class DraftingParts:
    """What drafting works with."""

    inference: InferenceClient
    models: ServedModelList
    settling: Settling
    quotas: QuotaService
    background: Background
    limits: ReplyLimits
    default_model: str


class DraftingService:
    """Asks the model once, and pays for it as for any call (purpose `draft`)."""

    def __init__(self, parts: DraftingParts) -> None:
        self._parts = parts

    async def draft(self, caller: Caller, wanted: DraftRequest) -> DraftedAssistant:
        """What the model makes of the sentences; nothing is kept of it here.

        Raises ModelNotServed, DraftUnreadable, BudgetReached.
        """
        barred = NotTheBuilder("A guest cannot make assistants.")
        require(caller, Action.CREATE, here(caller, Kind.WORKSPACE), barred)
        asked = await self._asked(caller, wanted.description)
        meter = Meter()
        try:
            said = await self._said(asked, meter)
            meter.status = "complete"
        except Exception:
            meter.status = "failed"
            raise
        finally:
            await self._settle(asked, meter)
        return drafted(said)

    async def _asked(self, caller: Caller, description: str) -> Asked:
        parts = self._parts
        model = await parts.models.find(parts.default_model)
        if model is None:
            raise ModelNotServed("The default model is not served.", retry_after_seconds=5)
        asked = Asked(new_id("draft_"), caller, None, model, description)
        await parts.settling.check(asked)
        estimate = most_tokens([description], parts.limits, _MOST_TOKENS)
        await parts.quotas.reserve(caller, asked.request_id, estimate)
        return asked

    async def _said(self, asked: Asked, meter: Meter) -> str:
        request = GenerationRequest(
            model=asked.model.id,
            messages=drafting_messages(asked.question),
            max_tokens=min(_MOST_TOKENS, max(1, asked.model.window_tokens // 2)),
            temperature=_TEMPERATURE,
            json_schema=DRAFT_SCHEMA,
            cache_salt=asked.caller.workspace_id,
        )
        # Reserved by its bytes, which are more than its tokens: it is short, and soon settled.
        prompt_tokens = sum(len(each.content.encode()) for each in request.messages)
        bounds = bounds_of_call(asked.model, prompt_tokens, request.max_tokens)
        await self._parts.settling.reserve(asked, meter, bounds, "draft")
        said = ""
        async with aclosing(self._parts.inference.generate(asked.principal, request)) as chunks:
            async for chunk in chunks:
                meter.hear(chunk)
                said += chunk.text
        return said

    async def _settle(self, asked: Asked, meter: Meter) -> None:
        settling, charged = self._parts.settling, meter.charged()
        if charged is None:  # also when its reserving was refused or broken off
            writing = settling.release(asked, "draft")
        else:
            writing = settling.write(asked, charged, meter, "draft")
        start = self._parts.background.start
        start(settling.correct_quota(asked, meter.tokens()), name="quota")
        # Held in the background: a reader who leaves takes this task's right to wait along.
        await asyncio.shield(start(writing, name="settle"))
