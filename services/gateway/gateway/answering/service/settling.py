"""What an answer leaves behind: its ledger row, and the quota it did not use."""

import asyncio
import logging
from typing import Literal

from contracts.generation import EngineUsage
from gateway.answering.rules import Asked, Meter
from gateway.quotas.service import QuotaService
from gateway.usage.service import LedgerService, ModelCall

log = logging.getLogger(__name__)

Purpose = Literal["chat", "rewrite"]
"""What a model was called for."""

_PAUSES_SECONDS = (0.2, 2.0, None)


class Settling:
    """Writes down what a call used, once it has ended in whatever way."""

    def __init__(self, ledger: LedgerService, quotas: QuotaService) -> None:
        self._ledger = ledger
        self._quotas = quotas

    async def write(
        self, asked: Asked, usage: EngineUsage, meter: Meter, purpose: Purpose = "chat"
    ) -> None:
        """Append the ledger row; tried again, because a call that was made must be charged."""
        call = _call(asked, usage, meter, purpose)
        for pause_seconds in _PAUSES_SECONDS:
            try:
                # Safe to repeat: the request's id is unique in the ledger.
                await self._ledger.record(call)
            except Exception:
                log.exception("ledger row of %s not written: %s", call.request_id, call.usage)
                if pause_seconds is not None:
                    await asyncio.sleep(pause_seconds)
            else:
                return

    async def correct_quota(self, asked: Asked, used_tokens: int) -> None:
        """Give back the tokens that were reserved and not used."""
        await self._quotas.correct(asked.caller, asked.request_id, used_tokens)


def _call(asked: Asked, usage: EngineUsage, meter: Meter, purpose: Purpose) -> ModelCall:
    assistant = asked.assistant
    is_answer = purpose == "chat"
    return ModelCall(
        # An answer's row has the id its caller was told; what was called on its way, another one.
        request_id=asked.request_id if is_answer else f"{asked.request_id}:{purpose}",
        purpose=purpose,
        workspace_id=asked.caller.workspace_id,
        member_id=asked.caller.member_id,
        assistant_id=assistant.id if assistant else None,
        assistant_version=assistant.version if assistant else None,
        key_id=asked.caller.key_id,
        conversation_id=asked.conversation_id,
        model=asked.model,
        usage=usage,
        status=meter.status,
        first_token_ms=meter.first_token_ms,
        total_ms=meter.elapsed_ms(),
    )
