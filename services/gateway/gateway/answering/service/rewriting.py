"""Makes a question that leans on its conversation stand alone, by the assistant's own model."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass

from contracts.clients.inference import InferenceClient
from contracts.errors import StoreError
from contracts.generation import GenerationRequest
from gateway.answering.follow_ups import (
    leans_on_history,
    rewriting_messages,
    rewritten_question,
)
from gateway.answering.rules import Asked, Meter, bounds_of_call
from gateway.answering.service.settling import Settling
from runtime import telemetry
from runtime.background import Background

log = logging.getLogger(__name__)

_MOST_TOKENS = 80


@dataclass(frozen=True)
class Rewritten:
    """A question made to stand alone (None: it is as it is), and the tokens that took."""

    question: str | None = None
    tokens: int = 0


class Rewriting:
    """Rewrites follow-up questions. What it cannot do in time is left undone."""

    def __init__(
        self,
        inference: InferenceClient,
        settling: Settling,
        background: Background,
        most_seconds: float,
    ) -> None:
        self._inference = inference
        self._settling = settling
        self._background = background
        self._most_seconds = most_seconds

    async def stand_alone(self, asked: Asked) -> Rewritten:
        """The question as one can understand it without its conversation."""
        if not asked.history or not leans_on_history(asked.question):
            return Rewritten()
        meter = Meter()
        try:
            async with asyncio.timeout(self._most_seconds):
                said = await self._said(asked, meter)
            meter.status = "complete"
        except (StoreError, TimeoutError) as error:
            meter.status = "failed"
            log.warning("a follow-up question was not rewritten: %s", type(error).__name__)
            return Rewritten(tokens=meter.tokens())
        finally:
            await self._settle(asked, meter)
        return Rewritten(rewritten_question(said, asked.question), meter.tokens())

    async def _said(self, asked: Asked, meter: Meter) -> str:
        request = GenerationRequest(
            model=asked.model.id,
            messages=rewriting_messages(asked.question, asked.history),
            max_tokens=_MOST_TOKENS,
            temperature=0,
            stop=["\n"],
            cache_salt=asked.caller.workspace_id,
        )
        # Reserved by its bytes, which are more than its tokens: it is short, and soon settled.
        most_tokens = sum(len(each.content.encode()) for each in request.messages)
        bounds = bounds_of_call(asked.model, most_tokens, _MOST_TOKENS)
        await self._settling.reserve(asked, meter, bounds, "rewrite")
        said = ""
        generating = telemetry.streamed(
            "rewrite",
            self._inference.generate(asked.principal, request),
            is_first=lambda chunk: bool(chunk.text),
        )
        async with aclosing(generating) as chunks:
            async for chunk in chunks:
                meter.hear(chunk)
                said += chunk.text
        return said

    async def _settle(self, asked: Asked, meter: Meter) -> None:
        charged = meter.charged()
        if charged is None:  # also when its reserving was refused or broken off
            writing = self._settling.release(asked, "rewrite")
        else:
            writing = self._settling.write(asked, charged, meter, "rewrite")
        # Held in the background: a reader who leaves takes this task's right to wait along.
        await asyncio.shield(self._background.start(writing, name="settle"))
