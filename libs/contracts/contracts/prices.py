"""Prices of models, dated: what a million tokens cost from a moment on. Decimal strings."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# Plain digits only: no sign, no exponent, no NaN, no digits of other scripts, and no seventh
# decimal, which the ledger's pico-units could not hold.
Amount = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$", max_length=16, strict=True)
]
LATEST = 4_102_444_800
"""The year 2100: a price beyond is a mistake."""


class PriceCreate(BaseModel):
    """A new price of a model. valid_from: Unix seconds, now or later; None: now."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(min_length=1, max_length=200)
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    input_per_million: Amount
    cached_input_per_million: Amount
    output_per_million: Amount
    valid_from: int | None = Field(default=None, ge=0, le=LATEST)


class PriceView(BaseModel):
    """A price and when it counts. is_default: the model's own, before anybody set another.

    id, valid_from, created_at: None of defaults. as_of: the day a default was set.
    use: what its tokens are, those of a chat model or of a search model.
    """

    id: str | None
    object: Literal["price"] = "price"
    model: str
    use: Literal["chat", "embedding", "rerank", "none"]
    currency: str
    input_per_million: str
    cached_input_per_million: str
    output_per_million: str
    status: Literal["current", "upcoming", "past"]
    is_default: bool
    valid_from: int | None
    as_of: str
    created_by: str | None = None
    created_by_name: str | None = None
    created_at: int | None = None
