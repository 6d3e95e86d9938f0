"""Which price counts at a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.generation import ModelPrice, ServedModel
from gateway.usage.rules import per_million

PriceStatus = Literal["current", "upcoming", "past"]


@dataclass(frozen=True)
class DatedPrice:
    """A price somebody set. pico-units a token."""

    id: str
    model: str
    currency: str
    input_pico: int
    cached_input_pico: int
    output_pico: int
    valid_from: datetime


def as_model_price(price: DatedPrice) -> ModelPrice:
    """The same in the words of the catalogue."""
    return ModelPrice(
        currency=price.currency,
        input_per_million=per_million(price.input_pico),
        cached_input_per_million=per_million(price.cached_input_pico),
        output_per_million=per_million(price.output_pico),
        as_of=price.valid_from.date().isoformat(),
    )


def current(prices: Iterable[DatedPrice], model: str, moment: datetime) -> DatedPrice | None:
    """What counts for a model at a moment: of those that have begun, the latest."""
    begun = (each for each in prices if each.model == model and each.valid_from <= moment)
    return max(begun, key=_age, default=None)


def with_price(model: ServedModel, prices: Sequence[DatedPrice], moment: datetime) -> ServedModel:
    """The model at the installation's price; at its own where nobody has set one."""
    found = current(prices, model.id, moment)
    return model if found is None else model.model_copy(update={"price": as_model_price(found)})


def status_of(price: DatedPrice, prices: Iterable[DatedPrice], moment: datetime) -> PriceStatus:
    """Whether a price counts now, not yet, or no more."""
    if price.valid_from > moment:
        return "upcoming"
    found = current(prices, price.model, moment)
    return "current" if found is not None and found.id == price.id else "past"


def _age(price: DatedPrice) -> tuple[datetime, str]:
    # Of two that begin at one moment the one that was set later: ids sort by time.
    return price.valid_from, price.id
