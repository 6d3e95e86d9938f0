"""Conversations of the web chat: turns that outlive a page, told as events that can be re-read."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.chat import Annotation, ChatUsage, TextSpan
from contracts.definitions import VariableValues


class ConversationCreate(BaseModel):
    """Begin a conversation. draft: talk to the unpublished draft (builders only).

    variables: values of the assistant's variables; they stay as they are for the conversation.
    """

    model_config = ConfigDict(extra="forbid")

    assistant_id: str = Field(max_length=100)
    draft: bool = False
    variables: VariableValues = Field(default_factory=dict)


class ConversationView(BaseModel):
    """A conversation in a list. title: the first question, shortened."""

    id: str
    object: Literal["conversation"] = "conversation"
    assistant_id: str
    assistant_name: str
    assistant_version: int | None
    opens_sources: bool = True
    """Cited passages can be opened in their documents: never those of another workspace."""
    title: str
    variables: dict[str, str] = Field(default_factory=dict)
    created_at: int
    updated_at: int


class TurnStatus(StrEnum):
    """How a turn stands. All but the first are final."""

    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


class MessageView(BaseModel):
    """A message as people see it; markers are in `content`, their sources in `annotations`.

    unsupported: the sentences of an answer that no passage it was given supports.
    error: why an answer broke off, as a code; error_words: the same for people, if known.
    """

    id: str
    object: Literal["conversation.message"] = "conversation.message"
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    annotations: list[Annotation] = Field(default_factory=list)
    unsupported: list[TextSpan] = Field(default_factory=list)
    status: TurnStatus
    error: str | None = None
    error_words: str | None = None
    turn_id: str
    usage: ChatUsage | None = None
    created_at: int


class TurnCreate(BaseModel):
    """Ask something. parent_id: the message it follows; None: the conversation's last."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=32_000)
    parent_id: str | None = None


class TurnView(BaseModel):
    """A turn begun: read `GET /v1/turns/{id}/events` for its answer."""

    id: str
    object: Literal["turn"] = "turn"
    conversation_id: str
    question: MessageView
    answer: MessageView


class TurnEvent(BaseModel):
    """One event of a turn's stream. `id` counts from 1; re-reading starts after a given one.

    status: a step ("searching", "reading", "writing") with numbers in `detail`
    delta: text to append · message: the whole final message · failed: code and words
    """

    id: int
    type: Literal["status", "delta", "message", "failed"]
    text: str = ""
    detail: dict[str, int] = Field(default_factory=dict)
    message: MessageView | None = None
    code: str | None = None
