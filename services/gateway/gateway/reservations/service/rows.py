"""A reservation's row as the call it stands for."""

from typing import cast

from contracts.generation import EngineUsage
from gateway.payer import Payer
from gateway.reservations.tables import Reservation
from gateway.usage.charging import CalledModel, ModelCall, Purpose
from gateway.usage.rules import TokenPrice


def payer_of(held: Reservation) -> Payer:
    """Who pays for a call under way."""
    return Payer(held.workspace_id, held.member_id, held.assistant_id, held.key_id)


def estimated(held: Reservation) -> ModelCall:
    """A call whose process is gone: its last noted count, else the prompt it was to send."""
    price = TokenPrice(
        input_pico=held.price_input_pico,
        cached_input_pico=held.price_cached_input_pico,
        output_pico=held.price_output_pico,
    )
    return ModelCall(
        request_id=held.request_id,
        purpose=cast(Purpose, held.purpose),
        payer=payer_of(held),
        assistant_version=held.assistant_version,
        conversation_id=held.conversation_id,
        model=CalledModel(held.model, held.engine, held.currency, price),
        usage=EngineUsage(
            input_tokens=_first(held.used_input_tokens, held.prompt_tokens),
            cached_tokens=held.used_cached_tokens or 0,
            output_tokens=held.used_output_tokens or 0,
            estimated=True,
        ),
        status="failed",
        first_token_ms=None,
        total_ms=None,
    )


def _first(noted: int | None, planned: int) -> int:
    return planned if noted is None else noted
