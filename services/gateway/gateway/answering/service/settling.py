"""The money of an answer: reserved before the engine is asked, settled when it has ended."""

import asyncio
import logging
from dataclasses import dataclass

from contracts.generation import EngineUsage, ServedModel
from gateway.answering.rules import Asked, Meter, TokenBounds, occasion_of
from gateway.quotas.service import QuotaService
from gateway.reservations.rules import PlannedCall
from gateway.reservations.service.keeping import ReservationKeeper
from gateway.reservations.service.reserving import ReservationService
from gateway.usage.charging import CalledModel, ModelCall, Purpose
from gateway.usage.rules import token_price

log = logging.getLogger(__name__)

_PAUSES_SECONDS = (0.2, 2.0, 10.0, None)


@dataclass(frozen=True)
class SettlingParts:
    """What settling works with."""

    reservations: ReservationService
    keeper: ReservationKeeper
    quotas: QuotaService


class Settling:
    """Holds money for calls, and writes down what they used, in whatever way they ended."""

    def __init__(self, parts: SettlingParts) -> None:
        self._parts = parts

    async def check(self, asked: Asked) -> None:
        """Refuse a question before any work is done on it. Raises BudgetReached."""
        await self._parts.reservations.check(occasion_of(asked).payer, called(asked.model))

    async def reserve(
        self, asked: Asked, meter: Meter, bounds: TokenBounds, purpose: Purpose = "chat"
    ) -> None:
        """Hold what a call may cost. From now on its meter believes no count beyond the bounds.

        Raises BudgetReached.
        """
        request_id, occasion = _request_id(asked, purpose), occasion_of(asked)
        planned = PlannedCall(
            request_id=request_id,
            purpose=purpose,
            payer=occasion.payer,
            assistant_version=occasion.assistant_version,
            conversation_id=occasion.conversation_id,
            model=called(asked.model),
            prompt_tokens=bounds.prompt_tokens,
            input_tokens=bounds.input_tokens,
            output_tokens=bounds.output_tokens,
        )
        await self._parts.reservations.reserve(planned)
        meter.bounds = bounds
        self._parts.keeper.watch(request_id, lambda: meter.usage)

    async def write(
        self, asked: Asked, usage: EngineUsage, meter: Meter, purpose: Purpose = "chat"
    ) -> None:
        """Charge a call that was made; tried again, because such a call must be charged. What this
        process cannot write in the end, a sweeper charges by the last count that was noted."""
        call = _call(asked, usage, meter, purpose)
        for pause_seconds in _PAUSES_SECONDS:
            try:
                await self._parts.reservations.settle(call)
                break
            except Exception:
                log.exception("ledger row of %s not written: %s", call.request_id, call.usage)
                if pause_seconds is not None:
                    await asyncio.sleep(pause_seconds)
        self._parts.keeper.forget(call.request_id)

    async def release(self, asked: Asked, purpose: Purpose = "chat") -> None:
        """Let go of a call that the engine refused before it did anything."""
        request_id = _request_id(asked, purpose)
        self._parts.keeper.forget(request_id)
        await self._parts.reservations.release(request_id)

    async def correct_quota(self, asked: Asked, used_tokens: int) -> None:
        """Give back the tokens that were reserved and not used."""
        await self._parts.quotas.correct(asked.caller, asked.request_id, used_tokens)


def called(model: ServedModel) -> CalledModel:
    """A served model with the price of this moment."""
    return CalledModel(model.id, model.engine, model.price.currency, token_price(model.price))


def _request_id(asked: Asked, purpose: Purpose) -> str:
    # An answer's row has the id its caller was told; what was called on its way, another one.
    return asked.request_id if purpose == "chat" else f"{asked.request_id}:{purpose}"


def _call(asked: Asked, usage: EngineUsage, meter: Meter, purpose: Purpose) -> ModelCall:
    occasion = occasion_of(asked)
    return ModelCall(
        request_id=_request_id(asked, purpose),
        purpose=purpose,
        payer=occasion.payer,
        assistant_version=occasion.assistant_version,
        conversation_id=occasion.conversation_id,
        model=called(asked.model),
        usage=usage,
        status=meter.status,
        first_token_ms=meter.first_token_ms,
        total_ms=meter.elapsed_ms(),
    )
