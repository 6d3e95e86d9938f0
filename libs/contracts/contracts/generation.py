"""Generation as inference offers it to the gateway: OpenAI's shapes, with usage in every chunk."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length"]


class PromptMessage(BaseModel):
    """One message of a prompt. Control tokens inside `content` are broken up by inference."""

    role: Role
    content: str


class GenerationRequest(BaseModel):
    """An allowlist of bounded fields: nothing else ever reaches an engine."""

    model_config = ConfigDict(extra="forbid")

    model: str
    messages: list[PromptMessage] = Field(min_length=1, max_length=512)
    max_tokens: int = Field(default=512, ge=1, le=32_768)
    temperature: float = Field(default=0.2, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    stop: list[str] = Field(default_factory=list, max_length=4)
    json_schema: dict[str, Any] | None = None
    """Answer with JSON of this schema; `{}` means any JSON object."""
    cache_salt: str | None = Field(default=None, max_length=64)
    """Names the tenant, so that engines never share a prefix cache between tenants."""


class EngineUsage(BaseModel):
    """Tokens as the engine counted them. `estimated` only when the engine gave no count."""

    input_tokens: int = Field(ge=0)
    cached_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(ge=0)
    reasoning_tokens: int = Field(default=0, ge=0)
    """Of the output, those nobody is shown: the model thought in them."""
    estimated: bool = False


class GenerationChunk(BaseModel):
    """One server-sent event of a stream: some text, the running count, at the end the reason.

    The last chunk has a `finish_reason`, and its usage is final.
    """

    text: str = ""
    usage: EngineUsage | None = None
    finish_reason: FinishReason | None = None
    engine: str = ""


class CountRequest(BaseModel):
    """Ask for the engine's own token counts: of plain texts, or of a whole prompt with template."""

    model: str
    texts: list[str] = Field(default_factory=list, max_length=256)
    messages: list[PromptMessage] = Field(default_factory=list, max_length=512)


class CountResult(BaseModel):
    """Counts in the order asked; `prompt` is that of `messages`, template included."""

    texts: list[int]
    prompt: int | None = None


class ModelPrice(BaseModel):
    """A default price per million tokens, as decimal strings, and the day it was set."""

    model_config = ConfigDict(frozen=True)

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    input_per_million: str
    cached_input_per_million: str
    output_per_million: str
    as_of: str


class ServedModel(BaseModel):
    """A model that some engine serves now.

    window_tokens: what one request may use, prompt and answer together.
    cites: the model may be asked to write citation markers itself.
    """

    id: str
    engine: str
    window_tokens: int
    cites: bool = False
    is_small: bool = False
    """Runs on small machines: prompts should stay short."""
    price: ModelPrice


class ServedModels(BaseModel):
    """All models that can be asked now."""

    data: list[ServedModel]
