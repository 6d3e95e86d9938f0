"""The account of a prompt: what an answer's model was sent, what was left out, and why."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel


class SegmentKind(StrEnum):
    """What a part of the prompt is. template: what the model's own chat format adds."""

    TEMPLATE = "template"
    INSTRUCTIONS = "instructions"
    HISTORY = "history"
    PASSAGE = "passage"
    QUESTION = "question"


class Outcome(StrEnum):
    """What became of it."""

    KEPT = "kept"
    SHORTENED = "shortened"
    DROPPED = "dropped"


class Reason(StrEnum):
    """Why it is in or out.

    beside: stands next to a relevant passage · first_sentences: the rest did not fit ·
    repeated: a better passage says the same
    """

    FORMAT = "format"
    ALWAYS_FIRST = "always_first"
    SENT_BEFORE = "sent_before"
    RELEVANT = "relevant"
    BESIDE = "beside"
    FIRST_SENTENCES = "first_sentences"
    REPEATED = "repeated"
    NO_ROOM = "no_room"
    ASKED_NOW = "asked_now"


class SegmentView(BaseModel):
    """A part of the prompt, in the order it was sent; what was left out comes after its kind.

    tokens: its share of the engine's own count, so that the parts add up to `prompt_tokens`.
    cost: its share of what the prompt cost, to the last digit. role: of an earlier message.
    filename, page, text: only for readers who may open them; text is cut after some thousand
    characters. cited_as: the number of its marker in the answer.
    """

    kind: SegmentKind
    outcome: Outcome
    reason: Reason
    tokens: int
    cached_tokens: int = 0
    cost: str | None = None
    role: Literal["user", "assistant"] | None = None
    message_id: str | None = None
    passage_id: str | None = None
    filename: str | None = None
    document_version: int | None = None
    page: int | None = None
    start: int | None = None
    end: int | None = None
    cited_as: int | None = None
    text: str | None = None


class ContextView(BaseModel):
    """What the model of a turn's answer was sent.

    is_kept: there is an account; False for answers without a model and from before accounts.
    answer_tokens: the room left for the answer. cost: of the whole call, the answer included.
    cost, currency None: the call was never charged.
    """

    object: Literal["turn.context"] = "turn.context"
    turn_id: str
    is_kept: bool
    model: str | None = None
    window_tokens: int = 0
    answer_tokens: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    is_estimated: bool = False
    prompt_cost: str | None = None
    cost: str | None = None
    currency: str | None = None
    segments: list[SegmentView] = []
