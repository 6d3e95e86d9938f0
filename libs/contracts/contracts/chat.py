"""Chat completions in OpenAI's shape, with citations as annotations."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.avatars import AvatarHash
from contracts.definitions import Variable, VariableValues


class TextPart(BaseModel):
    """A text part of a message's content."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["text"] = "text"
    text: str


class ChatMessage(BaseModel):
    """A message a caller sends. Only text: media are refused."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    def text(self) -> str:
        """The content as one string."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """Options of a stream."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatCompletionRequest(BaseModel):
    """The fields we honour. Unknown fields are refused by name, so nobody is silently ignored."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(min_length=1, max_length=200)
    messages: list[ChatMessage] = Field(min_length=1, max_length=200)
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1, le=32_768)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=32_768)
    n: Literal[1] | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    user: str | None = Field(default=None, max_length=256)
    metadata: dict[str, str] | None = Field(default=None, max_length=16)
    store: bool | None = None
    response_format: dict[str, Any] | None = None
    variables: VariableValues | None = None
    """Of an assistant, the values of its variables: not OpenAI's, but taken from `extra_body`."""


class FileCitation(BaseModel):
    """Where a sentence comes from. quote is `text[start:end]` of that document version.

    source_url: of a web page, the address it was read from.
    """

    file_id: str
    filename: str
    source_url: str | None = None
    passage_id: str
    document_version: int
    page: int | None
    start: int
    end: int
    quote: str


class Annotation(BaseModel):
    """A marker such as `[1]` at `[start_index, end_index)` of the message, and its source.

    index: the number inside the marker.
    """

    type: Literal["file_citation"] = "file_citation"
    index: int
    start_index: int
    end_index: int
    file_citation: FileCitation


class TextSpan(BaseModel):
    """A part `[start_index, end_index)` of a message, in code points."""

    start_index: int
    end_index: int


class PromptTokensDetails(BaseModel):
    """Of the prompt's tokens, those found in the engine's prefix cache."""

    cached_tokens: int = 0


class ChatUsage(BaseModel):
    """The engine's own count; the ledger row of the call says the same."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails = Field(default_factory=PromptTokensDetails)


class Grounding(BaseModel):
    """What the answer rests on. `none`: nothing relevant was found, or nothing was cited.

    unsupported: the sentences of the answer that no passage it was given supports.
    """

    grounding: Literal["passages", "none", "off"]
    unsupported: list[TextSpan] = Field(default_factory=list)
    assistant_id: str | None = None
    assistant_version: int | None = None


class CompletionMessage(BaseModel):
    """The assistant's message. refusal: why JSON was not written, when the documents are silent."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    refusal: str | None = None
    annotations: list[Annotation] = Field(default_factory=list)


class CompletionChoice(BaseModel):
    """The one choice there is."""

    index: int = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length"]


class ChatCompletion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: ChatUsage
    stoa: Grounding


class ChunkDelta(BaseModel):
    """What a chunk adds."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    refusal: str | None = None
    annotations: list[Annotation] | None = None


class ChunkChoice(BaseModel):
    """The one choice of a chunk."""

    index: int = 0
    delta: ChunkDelta
    logprobs: None = None
    finish_reason: Literal["stop", "length"] | None = None


class ChatCompletionChunk(BaseModel):
    """One event of a streamed answer."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: ChatUsage | None = None
    stoa: Grounding | None = None


class ModelView(BaseModel):
    """A model or an assistant that may be called."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    name: str | None = None
    """The assistant's name, for assistants."""
    assistant_id: str | None = None
    description: str | None = None
    avatar: AvatarHash | None = None
    starters: list[str] | None = None
    variables: list[Variable] | None = None
    shows_unanswered: bool | None = None
    """Of an assistant: its builders see questions that found nothing, asked in a kept
    conversation, without a name."""
