"""Chat completions on the wire: what a request may ask for, and how an answer is written."""

import json
from typing import Any

from pydantic import model_validator

from contracts.accounts import Scope
from contracts.chat import (
    Annotation,
    ChatCompletionChunk,
    ChatCompletionRequest,
    ChatMessage,
    ChatUsage,
    ChunkChoice,
    ChunkDelta,
    Grounding,
)
from contracts.errors import ErrorEnvelope
from contracts.generation import FinishReason, PromptMessage
from gateway.answering.errors import ModelNotFound
from gateway.answering.rules import Wishes, check_length
from gateway.assistants.filling import checked_values
from gateway.assistants.rules import RunnableAssistant
from gateway.caller import Caller
from gateway.openai_api.errors import (
    InvalidParameter,
    ParameterNotAllowed,
    SystemMessageNotAllowed,
    UnknownParameter,
    UnsupportedContent,
    UnsupportedParameter,
)
from gateway.planning.rules import PastMessage
from gateway.policy.rules import may_in
from gateway.policy.words import Action, Kind
from gateway.settings import ReplyLimits

DONE = "data: [DONE]\n\n"
_STOPS = 4


# What OpenAI offers and we do not, each with the values that ask for nothing special: many
# programs send those by habit, and they are taken as if they were not there.
_NOT_OFFERED: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "modalities": (["text"],),
    "service_tier": ("auto", "default"),
    "reasoning_effort": ("none",),
    "verbosity": ("medium",),
    "audio": (),
    "prediction": (),
    "web_search_options": (),
    "moderation": (),
}
# Labels and hints that change no answer.
_WITHOUT_EFFECT = frozenset(
    {"safety_identifier", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention"}
)


class IncomingCompletion(ChatCompletionRequest):
    """A chat completion request; what cannot be done is refused by codes of its own."""

    @model_validator(mode="before")
    @classmethod
    def _only_offered(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        kept = {}
        for name, value in data.items():
            if name in _NOT_OFFERED:
                if value is not None and value not in _NOT_OFFERED[name]:
                    raise UnsupportedParameter(f"{name!r} is not supported here.", param=name)
            elif name in cls.model_fields:
                kept[name] = value
            elif name not in _WITHOUT_EFFECT:
                raise UnknownParameter(f"Unknown parameter: {name[:40]!r}.", param=name[:40])
        return kept

    @model_validator(mode="before")
    @classmethod
    def _only_text(cls, data: Any) -> Any:
        messages = data.get("messages") if isinstance(data, dict) else None
        for number, message in enumerate(messages if isinstance(messages, list) else []):
            content = message.get("content") if isinstance(message, dict) else None
            for part in content if isinstance(content, list) else []:
                if isinstance(part, dict) and part.get("type") != "text":
                    raise UnsupportedContent(
                        f"Only text can be sent, not {str(part.get('type'))[:40]!r}.",
                        param=f"messages.{number}.content",
                    )
        return data


_OF_BUILDERS: tuple[str, ...] = ("temperature", "top_p")
# What a program with a secret key may ask for, and the pages of a publishable one may not: a
# visitor brings messages, the values of the assistant's variables, and how the answer is sent.
_NOT_OF_PAGES: tuple[str, ...] = (
    *_OF_BUILDERS,
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "seed",
    "response_format",
)

OWN_NAME = "default"
"""What every assistant answers to at its own address, beside its id and slug."""


def may_manage(caller: Caller, assistant: RunnableAssistant) -> bool:
    """Whether the caller may change assistants of its workspace, and so how this one answers."""
    is_at_home = caller.workspace_id == assistant.workspace_id
    return (
        is_at_home
        and may_in(caller, Action.CREATE, Kind.WORKSPACE)
        and Scope.MANAGE in caller.scopes
    )


def check_own_name(assistant: RunnableAssistant, name: str) -> None:
    """At an assistant's own address `model` names nobody else. Raises ModelNotFound."""
    if name not in (OWN_NAME, assistant.id, assistant.slug):
        raise ModelNotFound(
            f"At this address there is only {assistant.slug!r}: send it, or {OWN_NAME!r}, "
            "as the model.",
            param="model",
        )


def check_lengths(request: ChatCompletionRequest, limits: ReplyLimits) -> None:
    """Refuse what is too long, before anything is looked up. Raises QuestionTooLong."""
    for number, message in enumerate(request.messages):
        check_length(message.text(), limits, f"messages.{number}.content")


def check_asked_of_assistant(
    request: ChatCompletionRequest, caller: Caller, assistant: RunnableAssistant
) -> None:
    """An assistant's caller sends messages, and nothing that changes what the assistant is."""
    for number, message in enumerate(request.messages):
        if message.role in ("system", "developer"):
            raise SystemMessageNotAllowed(
                "An assistant brings its own instructions: send user and assistant messages only.",
                param=f"messages.{number}.role",
            )
    if request.messages[-1].role != "user" or not request.messages[-1].text().strip():
        raise InvalidParameter(
            "The last message must be a user's, and say something.", param="messages"
        )
    _check_settings(request, caller, assistant)


def _check_settings(
    request: ChatCompletionRequest, caller: Caller, assistant: RunnableAssistant
) -> None:
    if caller.is_publishable:
        names, words = _NOT_OF_PAGES, "A page with a publishable key sets no {}."
    elif may_manage(caller, assistant):
        return
    else:
        names, words = _OF_BUILDERS, "Only those who manage the assistant may set {}."
    for name in names:
        if getattr(request, name) is not None:
            raise ParameterNotAllowed(words.format(name), param=name)


def variables_of(
    request: ChatCompletionRequest, assistant: RunnableAssistant | None
) -> dict[str, str]:
    """The values of the assistant's variables: those sent, else the defaults.

    Raises VariableUnknown, VariableInvalid, VariableMissing, UnsupportedParameter.
    """
    if assistant is not None:
        return checked_values(assistant.variables, request.variables or {})
    if request.variables:
        raise UnsupportedParameter("Only assistants have variables.", param="variables")
    return {}


def wishes_of(request: ChatCompletionRequest) -> Wishes:
    """What the request asks of the engine. Raises InvalidParameter."""
    stop = [request.stop] if isinstance(request.stop, str) else request.stop or []
    if len(stop) > _STOPS:
        raise InvalidParameter(f"At most {_STOPS} stop sequences can be given.", param="stop")
    if request.seed is not None and not 0 <= request.seed < 2**31:
        raise InvalidParameter("seed must be between 0 and 2147483647.", param="seed")
    return Wishes(
        max_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        seed=request.seed,
        stop=tuple(stop),
        json_schema=_json_schema(request.response_format),
    )


def history_of(messages: list[ChatMessage]) -> tuple[PastMessage, ...]:
    """The messages of a conversation with an assistant as its history."""
    return tuple(
        PastMessage("user" if message.role == "user" else "assistant", message.text())
        for message in messages
    )


def plain_prompt(messages: list[ChatMessage]) -> list[PromptMessage]:
    """The messages for a bare model, as they came."""
    return [
        PromptMessage(
            role="system" if message.role == "developer" else message.role, content=message.text()
        )
        for message in messages
    ]


def _json_schema(response_format: dict[str, Any] | None) -> dict[str, Any] | None:
    kind = (response_format or {"type": "text"}).get("type")
    if response_format is None or kind == "text":
        return None
    if kind == "json_object":
        return {}
    described = response_format.get("json_schema")
    schema = described.get("schema") if isinstance(described, dict) else None
    if kind != "json_schema" or not isinstance(schema, dict):
        raise InvalidParameter(
            "response_format is text, json_object, or json_schema with a schema.",
            param="response_format",
        )
    return schema


class ChunkLines:
    """Writes the server-sent lines of one streamed answer."""

    def __init__(self, completion_id: str, created: int, model: str, *, with_usage: bool) -> None:
        self._id, self._created, self._model = completion_id, created, model
        self._with_usage = with_usage

    def opening(self) -> str:
        """Who speaks."""
        return self._choice(ChunkDelta(role="assistant", content=""))

    def text(self, text: str) -> str:
        """More text."""
        return self._choice(ChunkDelta(content=text))

    def refusal(self, words: str) -> str:
        """That there is nothing to fill the wanted shape with."""
        return self._choice(ChunkDelta(refusal=words))

    def sources(self, annotations: list[Annotation]) -> str:
        """The sources of all markers."""
        return self._choice(ChunkDelta(content="", annotations=annotations))

    def closing(self, reason: FinishReason, grounding: Grounding) -> str:
        """Why it ended, and what it rests on."""
        return self._choice(ChunkDelta(), reason, grounding)

    def usage(self, usage: ChatUsage) -> str:
        """What it used, when the caller asked to be told."""
        return self._line([], usage=usage) if self._with_usage else ""

    def _choice(
        self,
        delta: ChunkDelta,
        reason: FinishReason | None = None,
        grounding: Grounding | None = None,
    ) -> str:
        return self._line([ChunkChoice(delta=delta, finish_reason=reason)], grounding=grounding)

    def _line(
        self,
        choices: list[ChunkChoice],
        *,
        usage: ChatUsage | None = None,
        grounding: Grounding | None = None,
    ) -> str:
        chunk = ChatCompletionChunk(
            id=self._id,
            created=self._created,
            model=self._model,
            choices=choices,
            usage=usage,
            stoa=grounding,
        )
        wire = chunk.model_dump(mode="json", exclude_none=True)
        for choice, written in zip(choices, wire["choices"], strict=True):
            # OpenAI writes these two also when they are null.
            written |= {"finish_reason": choice.finish_reason, "logprobs": None}
            _restore_nulls(choice.delta.annotations, written["delta"])
        if self._with_usage:
            wire.setdefault("usage", None)
        return f"data: {json.dumps(wire, ensure_ascii=False, separators=(',', ':'))}\n\n"


def error_line(error: ErrorEnvelope) -> str:
    """A failure in mid-stream: SDKs raise it."""
    return f"data: {error.model_dump_json()}\n\n"


def _restore_nulls(annotations: list[Annotation] | None, delta: dict[str, Any]) -> None:
    # A citation without a page says `null`, in a stream as in a whole answer.
    if annotations is not None:
        delta["annotations"] = [annotation.model_dump(mode="json") for annotation in annotations]
