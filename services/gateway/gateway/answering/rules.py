"""Rules of answering: how much may be asked and said, which passages matter, what a call used."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.assistants import GroundingMode
from contracts.chat import ChatUsage, PromptTokensDetails
from contracts.definitions import ReadingAmount, RetrievalSettings
from contracts.generation import (
    EngineUsage,
    FinishReason,
    GenerationChunk,
    GenerationRequest,
    PromptMessage,
    ServedModel,
)
from contracts.principal import CollectionGrant, Principal
from contracts.usage import CallStatus
from gateway.answering.errors import QuestionTooLong
from gateway.answering.relevance import not_found_words_for
from gateway.assistants.filling import built_in, filled
from gateway.assistants.rules import RunnableAssistant
from gateway.caller import Caller
from gateway.charges import Occasion
from gateway.knowledge.rules import LoadedPassage
from gateway.payer import Payer
from gateway.planning.blocks import harmless
from gateway.planning.rules import PastMessage
from gateway.planning.wording import system_text
from gateway.quotas.rules import estimated_tokens
from gateway.settings import ReplyLimits

WIDENED = 3
"""So many of the best passages are read with what stands beside them, if there is room."""
RERANKED, RERANKED_CHARACTERS = 20, 4_000
"""So many passages, and so much of each, a reranker reads, where there is one."""
QUERY_CHARACTERS = 2_000  # the embedding model reads 512 tokens; the rest would only travel
_LONG_WINDOW_SHARE = 3
"""An assistant that reads much fills no more than this part (one in three) of the window."""
# From documents, the likeliest words are the ones that stand there.
_GROUNDED_TEMPERATURE, _PLAIN_TEMPERATURE = 0.0, 0.2
_DEFAULT_TOP_P = 0.95
_HISTORY_CHARACTERS_PER_TOKEN = 16  # far more than any text has: bounds the counting, not the plan
_COUNT_SLACK_TOKENS = 8


@dataclass(frozen=True)
class Wishes:
    """What a caller may wish of the engine. json_schema: answer as JSON, without citations."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None


@dataclass(frozen=True)
class Asked:
    """A question, by whom and to whom. assistant None: the bare model, which takes `system`.

    attached: what the asker has attached to the conversation, of their own workspace.
    """

    request_id: str
    caller: Caller
    assistant: RunnableAssistant | None
    model: ServedModel
    question: str
    history: tuple[PastMessage, ...] = ()
    wishes: Wishes = field(default_factory=Wishes)
    conversation_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[CollectionGrant, ...] = ()

    @property
    def is_grounded(self) -> bool:
        """Answered from documents."""
        has_own = self.assistant is not None and self.assistant.is_grounded
        return has_own or (self.assistant is not None and bool(self.attached))

    @property
    def grounding_mode(self) -> GroundingMode | None:
        """How far the answer keeps to documents. None: there are none."""
        if self.assistant is None or not self.is_grounded:
            return None
        if not self.assistant.is_grounded:
            # Its mode speaks of documents of its own: a file attached to a talk with somebody
            # who has none must not make them say "not found" to everything else.
            return GroundingMode.DOCUMENTS_FIRST
        return self.assistant.grounding_mode

    @property
    def not_found_words(self) -> str:
        """How its answer says that the documents are silent."""
        if self.assistant is None:
            return not_found_words_for(self.question, "")
        return not_found_words_for(
            self.question, self.assistant.not_found_words, self.assistant.answer_language
        )

    @property
    def retrieval(self) -> RetrievalSettings:
        """How its documents are searched."""
        return self.assistant.retrieval if self.assistant else RetrievalSettings()

    @property
    def grants(self) -> tuple[CollectionGrant, ...]:
        """All that it may be answered from: the assistant's, and what is attached."""
        return (*(self.assistant.grants if self.assistant else ()), *self.attached)

    @property
    def shelves(self) -> tuple[Principal, ...]:
        """Whom its documents are searched for, each shelf apart: the assistant may be another
        workspace's, and what is attached must not weigh the words of what the assistant reads."""
        own = Principal(
            workspace_id=self.caller.workspace_id,
            member_id=self.caller.member_id,
            collections=self.attached,
        )
        has_own = self.assistant is not None and self.assistant.is_grounded
        return ((self.principal,) if has_own else ()) + ((own,) if self.attached else ())

    @property
    def principal(self) -> Principal:
        """Whom the engine acts for, and the search of what the assistant reads."""
        if self.assistant is None:
            return Principal(workspace_id=self.caller.workspace_id, member_id=self.caller.member_id)
        return Principal(
            workspace_id=self.assistant.workspace_id,
            member_id=self.caller.member_id,
            collections=self.assistant.grants,
        )


@dataclass(frozen=True)
class TokenBounds:
    """A prompt as it was counted, and what the call can use at most."""

    prompt_tokens: int
    input_tokens: int
    output_tokens: int

    def believable(self, usage: EngineUsage) -> EngineUsage:
        """A count as far as it is possible; an engine that says more is held to be estimating."""
        if (
            usage.input_tokens <= self.input_tokens
            and usage.output_tokens <= self.output_tokens
            and usage.cached_tokens <= usage.input_tokens
        ):
            return usage
        input_tokens = min(usage.input_tokens, self.input_tokens)
        return EngineUsage(
            input_tokens=input_tokens,
            cached_tokens=min(usage.cached_tokens, input_tokens),
            output_tokens=min(usage.output_tokens, self.output_tokens),
            estimated=True,
        )


@dataclass
class Meter:
    """What a model call used so far, by the engine's running count.

    bounds: what was reserved for it; None: nothing was. is_counted_out: the engine said that it
    had finished, so its count is the last.
    """

    started: float = field(default_factory=time.monotonic)
    usage: EngineUsage | None = None
    finish_reason: FinishReason | None = None
    status: CallStatus = "cancelled"
    first_token_ms: int | None = None
    bounds: TokenBounds | None = None
    is_counted_out: bool = False

    def hear(self, chunk: GenerationChunk) -> None:
        """Take note of a chunk."""
        if chunk.usage is not None:
            self.usage = self.bounds.believable(chunk.usage) if self.bounds else chunk.usage
        self.is_counted_out = self.is_counted_out or chunk.finish_reason is not None
        self.finish_reason = chunk.finish_reason or self.finish_reason
        if self.first_token_ms is None and chunk.text:
            self.first_token_ms = self.elapsed_ms()

    def charged(self) -> EngineUsage | None:
        """The count to be charged. An engine that was left is a few tokens further than it said."""
        if self.usage is None or self.is_counted_out:
            return self.usage
        return self.usage.model_copy(update={"estimated": True})

    def tokens(self) -> int:
        """All tokens of the call so far."""
        return 0 if self.usage is None else self.usage.input_tokens + self.usage.output_tokens

    def elapsed_ms(self) -> int:
        """Milliseconds since the call began."""
        return int((time.monotonic() - self.started) * 1000)


def occasion_of(asked: Asked) -> Occasion:
    """On whose account the calls of an answer go."""
    caller, assistant = asked.caller, asked.assistant
    payer = Payer(
        workspace_id=caller.workspace_id,
        member_id=caller.charged_member_id,
        assistant_id=assistant.id if assistant else None,
        key_id=caller.key_id,
        power=caller.power,
    )
    return Occasion(payer, assistant.version if assistant else None, asked.conversation_id)


def system_of(asked: Asked, assistant: RunnableAssistant, today: date) -> str:
    """The system message, with the values of this question in their places."""
    given = {**built_in(today, asked.caller.member_name), **asked.variables}
    values = {name: harmless(value) for name, value in given.items()}
    return system_text(
        filled(assistant.instructions, assistant.variables, values),
        assistant.not_found_words,
        asked.grounding_mode,
        assistant.answer_language,
    )


def reranked(worth: Sequence[LoadedPassage], scores: Sequence[float]) -> list[LoadedPassage]:
    """The passages with a score, best first, then the others; equal ones as they were."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    return [*(worth[place] for place in order), *worth[len(scores) :]]


def check_length(text: str, limits: ReplyLimits, param: str) -> None:
    """Refuse what is too long before any work is done on it. Raises QuestionTooLong."""
    if len(text) > limits.question_characters:
        raise QuestionTooLong(
            f"A message may have {limits.question_characters} characters; "
            f"this one has {len(text)}.",
            param=param,
        )


def answer_tokens(model: ServedModel, limits: ReplyLimits, wishes: Wishes) -> int:
    """How long the answer may be. A wish only lowers the limit."""
    limit = limits.small_model_answer_tokens if model.is_small else limits.answer_tokens
    limit = min(limit, max(1, model.window_tokens // 2))
    return min(limit, wishes.max_tokens or limit)


def generation_request(
    asked: Asked, messages: Sequence[PromptMessage], limits: ReplyLimits
) -> GenerationRequest:
    """What the engine is asked. The caller's wishes come before the assistant's settings."""
    assistant, wishes = asked.assistant, asked.wishes
    temperature, top_p = wishes.temperature, wishes.top_p
    if assistant is not None:
        temperature = assistant.temperature if temperature is None else temperature
        top_p = assistant.top_p if top_p is None else top_p
    limit = answer_tokens(asked.model, limits, wishes)
    if assistant is None and wishes.max_tokens is not None:
        limit = min(wishes.max_tokens, asked.model.window_tokens)
    return GenerationRequest(
        model=asked.model.id,
        messages=list(messages),
        max_tokens=limit,
        temperature=_default_temperature(asked) if temperature is None else temperature,
        top_p=_DEFAULT_TOP_P if top_p is None else top_p,
        seed=wishes.seed,
        stop=list(wishes.stop),
        json_schema=wishes.json_schema,
        # The caller's, not the assistant's: how fast an engine answers must not tell one
        # workspace what another has asked of a public assistant.
        cache_salt=asked.caller.workspace_id,
    )


def _default_temperature(asked: Asked) -> float:
    keeps_to_documents = asked.grounding_mode in (
        GroundingMode.DOCUMENTS_ONLY,
        GroundingMode.DOCUMENTS_FIRST,
    )
    return _GROUNDED_TEMPERATURE if keeps_to_documents else _PLAIN_TEMPERATURE


def most_tokens(texts: Iterable[str], limits: ReplyLimits, max_tokens: int | None = None) -> int:
    """About how many tokens a call may use, prompt and answer, before anything is looked up."""
    asked = sum(estimated_tokens(text) for text in texts)
    return asked + limits.passage_tokens + (max_tokens or limits.answer_tokens)


def bounds_of_call(model: ServedModel, prompt_tokens: int, answer_tokens: int) -> TokenBounds:
    """What a call can use. Counted part by part, a prompt may be a little longer as a whole."""
    most_input = prompt_tokens + prompt_tokens // 100 + _COUNT_SLACK_TOKENS
    return TokenBounds(prompt_tokens, min(most_input, model.window_tokens), answer_tokens)


def passage_tokens(
    model: ServedModel, limits: ReplyLimits, amount: ReadingAmount = ReadingAmount.NORMAL
) -> int:
    """How much of the documents the prompt may hold."""
    usual = limits.small_model_passage_tokens if model.is_small else limits.passage_tokens
    match amount:
        case ReadingAmount.SHORT:
            return max(1, usual // 2)
        case ReadingAmount.LONG:
            return max(usual, min(2 * usual, model.window_tokens // _LONG_WINDOW_SHARE))
        case ReadingAmount.NORMAL:
            return usual


def recent(history: Sequence[PastMessage], model: ServedModel) -> tuple[PastMessage, ...]:
    """The newest part of a history that could possibly fit the window."""
    room = model.window_tokens * _HISTORY_CHARACTERS_PER_TOKEN
    first = len(history)
    while first > 0 and room >= len(history[first - 1].content):
        first -= 1
        room -= len(history[first].content)
    return tuple(history[first:])


def usage_view(usage: EngineUsage) -> ChatUsage:
    """The engine's count in OpenAI's shape."""
    return ChatUsage(
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        prompt_tokens_details=PromptTokensDetails(
            cached_tokens=min(usage.cached_tokens, usage.input_tokens)
        ),
    )
