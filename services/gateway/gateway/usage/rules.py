"""Money as integers, pico-units (10⁻¹²) of a currency, so that sums are exact."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from contracts.generation import EngineUsage, ModelPrice
from gateway.money import money

_TOKENS = 10**6
_PICO_PER_TOKEN = Decimal(10**6)  # a price per million tokens, times this, is pico per token

CORRECTION = ":correction"


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


def reasoning_tokens(usage: EngineUsage) -> int:
    """Tokens a model thought in are part of its output, and paid as such."""
    return min(usage.reasoning_tokens, usage.output_tokens)


def amount_pico(price: TokenPrice, usage: EngineUsage) -> int:
    """What a call costs."""
    cached = cached_tokens(usage)
    return (
        (usage.input_tokens - cached) * price.input_pico
        + cached * price.cached_input_pico
        + usage.output_tokens * price.output_pico
    )


def correction_of(request_id: str) -> str:
    """The request of the row that corrects the one of a call: there is one at most."""
    return request_id + CORRECTION


def per_million(pico: int) -> str:
    """Pico-units a token as a decimal price for a million of them; nothing is rounded."""
    return money(pico * _TOKENS)


class Grouping(StrEnum):
    """What usage can be grouped by."""

    MEMBER = "member"
    ASSISTANT = "assistant"
    MODEL = "model"
    KEY = "key"
    DAY = "day"
