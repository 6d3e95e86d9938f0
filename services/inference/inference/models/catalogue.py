"""Reads the catalogue's files into frozen entries: what is known of a model before it runs."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# The ledger counts in pico-units: six decimals a million tokens are whole ones, a seventh is not.
Amount = Annotated[Decimal, Field(ge=0, decimal_places=6)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(_Frozen):
    """A dated list price, in whole units of the currency for a million tokens."""

    as_of: date
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    input_per_million: Amount
    output_per_million: Amount
    cached_input_per_million: Amount


class Sampling(_Frozen):
    """What the model's makers recommend."""

    temperature: Annotated[float, Field(ge=0, le=2)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    top_k: Annotated[int, Field(ge=1)]
    repetition_penalty: Annotated[float, Field(gt=0)]


class ChatFacts(_Frozen):
    """Only chat models have these.

    window_tokens: one slot's window by default. cites: it may be asked for markers.
    min_cores: from how many cores on it is the default; None: never.
    """

    window_tokens: Annotated[int, Field(gt=0)]
    trained_window_tokens: Annotated[int, Field(gt=0)]
    cites: bool
    min_cores: Annotated[int, Field(ge=1)] | None = None
    sampling: Sampling
    price: Price


class CatalogueModel(_Frozen):
    """One model. `file` lies in `$STOA_HOME/models/<id>/`, where the launcher puts it.

    Where it can be fetched is the launcher's business; inference only keeps the words.
    """

    id: str
    kind: Literal["chat", "embedding", "spacy"]
    licence: str
    origin: str
    format: str
    file: str
    size_bytes: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    sources: tuple[dict[str, object], ...]
    chat: ChatFacts | None = None

    @model_validator(mode="after")
    def _chat_models_have_chat_facts(self) -> "CatalogueModel":
        if (self.kind == "chat") != (self.chat is not None):
            raise ValueError(
                f"{self.id}: a [chat] table belongs to chat models, and to each of them"
            )
        return self


@cache
def read_catalogue() -> dict[str, CatalogueModel]:
    """Every model that ships with Stoa, by id."""
    folder = files("inference.models")
    texts = (each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".toml"))
    models = (CatalogueModel.model_validate(tomllib.loads(text)) for text in texts)
    return {model.id: model for model in sorted(models, key=lambda model: model.id)}
