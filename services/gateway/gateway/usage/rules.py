"""Money as integers, pico-units (10⁻¹²) of a currency, so that sums are exact; who sees whose."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from contracts.generation import EngineUsage, ModelPrice
from gateway.caller import Caller
from gateway.policy.rules import may_anywhere, may_in
from gateway.policy.words import Action, Kind

PICO = 10**12
_PICO_PER_TOKEN = Decimal(10**6)  # a price per million tokens, times this, is pico per token


@dataclass(frozen=True)
class TokenPrice:
    """What a token costs, in pico-units."""

    input_pico: int
    cached_input_pico: int
    output_pico: int


def pico_per_token(per_million: str) -> int:
    """A decimal price per million tokens as pico per token. Exact up to six decimals."""
    return int((Decimal(per_million) * _PICO_PER_TOKEN).quantize(Decimal(1), ROUND_HALF_EVEN))


def token_price(price: ModelPrice) -> TokenPrice:
    """The snapshot of a price that the ledger keeps."""
    return TokenPrice(
        input_pico=pico_per_token(price.input_per_million),
        cached_input_pico=pico_per_token(price.cached_input_per_million),
        output_pico=pico_per_token(price.output_per_million),
    )


def cached_tokens(usage: EngineUsage) -> int:
    """Cached tokens are part of the input: an engine that says otherwise is not believed."""
    return min(usage.cached_tokens, usage.input_tokens)


def amount_pico(price: TokenPrice, usage: EngineUsage) -> int:
    """What a call costs."""
    cached = cached_tokens(usage)
    return (
        (usage.input_tokens - cached) * price.input_pico
        + cached * price.cached_input_pico
        + usage.output_tokens * price.output_pico
    )


def money(pico: int) -> str:
    """Pico-units as a plain decimal string: 123_000_000 is "0.000123"."""
    sign = "-" if pico < 0 else ""
    whole, rest = divmod(abs(pico), PICO)
    decimals = f"{rest:012d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


class Grouping(StrEnum):
    """What usage can be grouped by."""

    MEMBER = "member"
    ASSISTANT = "assistant"
    MODEL = "model"
    KEY = "key"
    DAY = "day"


@dataclass(frozen=True)
class View:
    """Whose rows somebody sees: everything, one workspace's, or their own in it."""

    workspace_id: str | None
    member_id: str | None


def view_of(caller: Caller) -> View:
    """The operator sees all, those who run a workspace see its rows, others their own."""
    if may_anywhere(caller, Action.SEE, Kind.LEDGER):
        return View(None, None)
    if may_in(caller, Action.SEE, Kind.LEDGER):
        return View(caller.workspace_id, None)
    return View(caller.workspace_id, caller.member_id)
