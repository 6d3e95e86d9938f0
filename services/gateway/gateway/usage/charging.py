"""Writes the ledger: every model call once, with the price of its moment, and into its sums."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from contracts.engines import Tokens
from contracts.generation import EngineUsage
from contracts.ids import new_id
from contracts.usage import CallStatus
from gateway.budgets.service.bounding import Treasury
from gateway.db import Transaction
from gateway.payer import Payer
from gateway.usage.repository import LedgerRepository
from gateway.usage.rules import (
    TokenPrice,
    amount_pico,
    cached_tokens,
    correction_of,
    reasoning_tokens,
)

Purpose = Literal[
    "chat", "rewrite", "draft", "embed_question", "embed_document", "embed_citation", "rerank"
]
"""What a model was called for."""


@dataclass(frozen=True)
class CalledModel:
    """The model as it was resolved, its engine, and the price when the call began."""

    id: str
    engine: str
    currency: str
    price: TokenPrice


@dataclass(frozen=True)
class ModelCall:
    """A model call that has ended, whatever way. request_id makes writing it twice harmless."""

    request_id: str
    purpose: Purpose
    payer: Payer
    assistant_version: int | None
    conversation_id: str | None
    model: CalledModel
    usage: EngineUsage
    status: CallStatus
    first_token_ms: int | None
    total_ms: int | None

    @property
    def amount_pico(self) -> int:
        """What it costs."""
        return amount_pico(self.model.price, self.usage)


class Charging:
    """The ledger and its sums, inside one transaction."""

    def __init__(self, tx: Transaction, zone: ZoneInfo) -> None:
        self._ledger = LedgerRepository(tx)
        self._treasury = Treasury(tx, zone)

    async def charge(self, call: ModelCall, began: datetime, held_pico: int = 0) -> None:
        """Write the call's row, and turn what was held for it into what it cost.

        began: the period that pays is the one in which the call began. Charged again, nothing
        changes.
        """
        spent_pico = call.amount_pico if await self._ledger.append(ledger_row(call)) else 0
        await self._treasury.settle(
            call.payer, call.model.currency, began, held_pico=held_pico, spent_pico=spent_pico
        )

    async def correct(self, call: ModelCall, began: datetime) -> None:
        """A call was charged by an estimate while its own process could not be heard: write the
        difference to what it says now. Nothing, if there is none or it is written already."""
        charged = await self._ledger.of_request(call.request_id)
        if charged is None or not charged.estimated or charged.corrects is not None:
            return
        wrong = EngineUsage(
            input_tokens=charged.input_tokens,
            cached_tokens=charged.cached_tokens,
            output_tokens=charged.output_tokens,
        )
        if _counts(wrong) == _counts(call.usage):
            return
        difference = ledger_row(call) | {
            "request_id": correction_of(call.request_id),
            "corrects": charged.id,
            "input_tokens": call.usage.input_tokens - wrong.input_tokens,
            "cached_tokens": cached_tokens(call.usage) - wrong.cached_tokens,
            "output_tokens": call.usage.output_tokens - wrong.output_tokens,
            "reasoning_tokens": reasoning_tokens(call.usage) - charged.reasoning_tokens,
            "amount_pico": call.amount_pico - int(charged.amount_pico),
        }
        if await self._ledger.append(difference):
            await self._treasury.settle(
                call.payer,
                call.model.currency,
                began,
                held_pico=0,
                spent_pico=difference["amount_pico"],
            )

    async def amend(self, entry_id: str, difference: Tokens) -> None:
        """Write what a row is wrong by, at the row's own price, into the periods of its own time.

        Done again, nothing changes.
        """
        wrong = await self._ledger.get(entry_id)
        if wrong is None:
            raise LookupError(f"no ledger row {entry_id}")
        amount = (
            (difference.input_tokens - difference.cached_tokens) * wrong.price_input_pico
            + difference.cached_tokens * wrong.price_cached_input_pico
            + difference.output_tokens * wrong.price_output_pico
        )
        row = {name: getattr(wrong, name) for name in _KEPT_BY_CORRECTIONS} | {
            "id": new_id("led_"),
            "request_id": correction_of(wrong.request_id),
            "corrects": wrong.id,
            "input_tokens": difference.input_tokens,
            "cached_tokens": difference.cached_tokens,
            "output_tokens": difference.output_tokens,
            "amount_pico": amount,
        }
        if await self._ledger.append(row):
            payer = Payer(wrong.workspace_id, wrong.member_id, wrong.assistant_id, wrong.key_id)
            await self._treasury.settle(
                payer, wrong.currency, wrong.created_at, held_pico=0, spent_pico=amount
            )


_KEPT_BY_CORRECTIONS = (
    "purpose",
    "workspace_id",
    "member_id",
    "assistant_id",
    "assistant_version",
    "key_id",
    "conversation_id",
    "model",
    "engine",
    "status",
    "currency",
    "price_input_pico",
    "price_cached_input_pico",
    "price_output_pico",
)


def _counts(usage: EngineUsage) -> tuple[int, int, int]:
    return (usage.input_tokens, cached_tokens(usage), usage.output_tokens)


def ledger_row(call: ModelCall) -> dict[str, Any]:
    """The columns of the call's row, under a new id."""
    payer, model = call.payer, call.model
    return {
        "id": new_id("led_"),
        "request_id": call.request_id,
        "purpose": call.purpose,
        "workspace_id": payer.workspace_id,
        "member_id": payer.member_id,
        "assistant_id": payer.assistant_id,
        "assistant_version": call.assistant_version,
        "key_id": payer.key_id,
        "conversation_id": call.conversation_id,
        "model": model.id,
        "engine": model.engine,
        "input_tokens": call.usage.input_tokens,
        "cached_tokens": cached_tokens(call.usage),
        "output_tokens": call.usage.output_tokens,
        "reasoning_tokens": reasoning_tokens(call.usage),
        "estimated": call.usage.estimated,
        "status": call.status,
        "currency": model.currency,
        "price_input_pico": model.price.input_pico,
        "price_cached_input_pico": model.price.cached_input_pico,
        "price_output_pico": model.price.output_pico,
        "amount_pico": call.amount_pico,
        "first_token_ms": call.first_token_ms,
        "total_ms": call.total_ms,
    }
