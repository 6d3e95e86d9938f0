"""Chunks out of the events of an OpenAI-style chat stream, each with the running usage."""

import logging
from typing import Any

from contracts.generation import EngineUsage, FinishReason, GenerationChunk, GenerationRequest
from inference.adapters.dialects import Dialect, usage_of
from inference.errors import EngineFailed

log = logging.getLogger(__name__)


def chat_body(request: GenerationRequest, served_name: str, dialect: Dialect) -> dict[str, Any]:
    """The request in OpenAI's words, field by field: nothing of a caller passes unseen."""
    body: dict[str, Any] = {
        "model": served_name,
        "messages": [each.model_dump() for each in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stream": True,
        "stream_options": dict(dialect.stream_options),
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.stop:
        body["stop"] = request.stop
    if request.json_schema is not None:
        body["response_format"] = _response_format(request.json_schema)
    return body | dialect.extra_fields(request)


def whole_body(request: GenerationRequest, served_name: str, dialect: Dialect) -> dict[str, Any]:
    """The same for an answer in one piece."""
    body = chat_body(request, served_name, dialect)
    del body["stream_options"]
    return body | {"stream": False}


def _response_format(schema: dict[str, Any]) -> dict[str, Any]:
    if not schema:
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }


_MOST_CHARACTERS_A_TOKEN = 256
"""Tokens of many blanks are the longest there are; beyond that an engine ignores `max_tokens`."""


class ChatStream:
    """Reads one answer. `estimated_prompt`: its tokens, for servers without running counts."""

    def __init__(
        self, engine_id: str, dialect: Dialect, estimated_prompt: int, most_tokens: int
    ) -> None:
        self._engine_id = engine_id
        self._dialect = dialect
        self._usage: EngineUsage | None = None
        self._estimated_prompt = estimated_prompt
        self._texts = 0
        self._characters_left = most_tokens * _MOST_CHARACTERS_A_TOKEN
        self._finish_reason: FinishReason | None = None

    def read(self, event: dict[str, Any]) -> GenerationChunk | None:
        """The chunk in an event; None when it has no text. Raises EngineFailed on nonsense."""
        try:
            text = self._read(event)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise self._nonsense("an event of another shape") from None
        if not text:
            return None
        self._texts += 1
        self._characters_left -= len(text)
        if self._characters_left < 0:
            raise self._nonsense("more than it was asked for")
        return GenerationChunk(text=text, usage=self._running(), engine=self._engine_id)

    def _read(self, event: dict[str, Any]) -> str:
        self._usage = usage_of(event) or self._dialect.running_usage(event) or self._usage
        text = ""
        for choice in event.get("choices") or ():
            text += (choice.get("delta") or {}).get("content") or ""
            reason = choice.get("finish_reason")
            if reason is not None:
                self._finish_reason = "length" if reason == "length" else "stop"
        # Half a pair of UTF-16 is no character, and no database keeps a NUL: the answer that holds
        # one could never be finished.
        return text.encode(errors="replace").decode().replace("\x00", "\ufffd")

    def _nonsense(self, what: str) -> EngineFailed:
        log.warning("engine %s sent %s", self._engine_id, what)
        return EngineFailed("The engine broke off its answer.")

    def last(self) -> GenerationChunk:
        """The closing chunk. Raises EngineFailed when the answer just stopped coming."""
        if self._finish_reason is None:
            raise EngineFailed("The engine broke off its answer.")
        return GenerationChunk(
            usage=self._running(), finish_reason=self._finish_reason, engine=self._engine_id
        )

    def _running(self) -> EngineUsage:
        if self._usage is not None:
            return self._usage
        # Such servers send a token or a little more with each event: at least that many.
        return EngineUsage(
            input_tokens=self._estimated_prompt, output_tokens=self._texts, estimated=True
        )
