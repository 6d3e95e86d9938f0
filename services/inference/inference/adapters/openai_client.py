"""Chat and token counts on an OpenAI-style server, in any dialect."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from contracts.errors import StoreError
from contracts.generation import (
    CountResult,
    GenerationChunk,
    GenerationRequest,
    PromptMessage,
)
from inference.adapters.chat_stream import ChatStream, chat_body
from inference.adapters.dialects import Dialect
from inference.adapters.engine_metrics import MetricsPage, read_metrics
from inference.adapters.openai_counts import OpenAiCounter
from inference.adapters.openai_http import CHAT_PATH, OpenAiHttp, Refusal
from inference.adapters.own_use import OwnUse
from inference.errors import (
    EngineFailed,
    RefusedByEngine,
    SchemaRefused,
    prompt_of_unknown_length,
    prompt_too_long,
)

log = logging.getLogger(__name__)

NOT_THE_CALLERS = (401, 403, 429)
"""A wrong key of ours, or too much of it: nothing that who asks could mend."""

METRICS_PATH = "/metrics"
METRICS_SECONDS = 3.0

SELF_TEST = GenerationRequest(
    model="self-test",
    messages=[PromptMessage(role="user", content="Say yes.")],
    max_tokens=1,
    temperature=0,
    cache_salt="self-test",
)


class OpenAiClient:
    """What llama.cpp's server, vLLM and their like have in common."""

    def __init__(
        self,
        engine_id: str,
        http: OpenAiHttp,
        dialect: Dialect,
        served_name: str,
        window_tokens: int,
    ) -> None:
        self._engine_id = engine_id
        self._http = http
        self._dialect = dialect
        self._served_name = served_name
        self._window_tokens = window_tokens
        self.own = OwnUse()
        self._counter = OpenAiCounter(http, dialect, served_name, self.own)

    async def chat(
        self, request: GenerationRequest, extra: Mapping[str, Any]
    ) -> AsyncGenerator[GenerationChunk, None]:
        """Stream an answer. `extra`: fields for this server alone."""
        try:
            async with aclosing(self._stream(request, extra)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        except Refusal as refusal:
            fitted = await self._fitted(request, refusal)
        try:
            async with aclosing(self._stream(fitted, extra)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except Refusal as refusal:
            raise self._explained(request, refusal) from None

    async def count(self, texts: Sequence[str], messages: Sequence[PromptMessage]) -> CountResult:
        """The server's own counts."""
        try:
            return await self._counter.count(texts, messages)
        except Refusal as refusal:
            if _is_about_length(refusal):  # counted by answering, where there is no other way
                raise prompt_of_unknown_length(self._window_tokens) from None
            log.warning("engine %s does not count: %s", self._engine_id, refusal)
            raise EngineFailed("The engine does not count tokens.") from None
        except (AttributeError, KeyError, TypeError, ValueError):
            log.warning("engine %s gave counts of another shape", self._engine_id)
            raise EngineFailed("The engine does not count tokens.") from None

    async def self_test(self, extra: Mapping[str, Any]) -> None:
        """Generate one token. Raises StoreError when that fails."""
        async with aclosing(self.chat(SELF_TEST, extra)) as chunks:
            usage = None
            try:
                async for chunk in chunks:
                    usage = chunk.usage or usage
            finally:
                self.own.add(usage)

    async def metrics(self) -> MetricsPage:
        """The server's own counters. Raises EngineFailed when it does not tell them."""
        names = self._dialect.counters
        if names is None:
            raise EngineFailed("The engine does not tell what it has counted.")
        try:
            async with asyncio.timeout(METRICS_SECONDS):
                page = await self._http.page(METRICS_PATH)
            return read_metrics(page, names, self._served_name)
        except (Refusal, ValueError, TimeoutError) as error:
            log.warning("engine %s tells no counters: %s", self._engine_id, type(error).__name__)
            raise EngineFailed("The engine does not tell what it has counted.") from None

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def _stream(
        self, request: GenerationRequest, extra: Mapping[str, Any]
    ) -> AsyncGenerator[GenerationChunk, None]:
        estimated = 0
        if not self._dialect.has_running_usage:
            # Costs a token, and tells what an answer that is broken off has cost.
            estimated = await self._counter.prompt_tokens(request.messages)
        stream = ChatStream(self._engine_id, self._dialect, estimated, request.max_tokens)
        body = chat_body(request, self._served_name, self._dialect) | dict(extra)
        async with aclosing(self._http.events(CHAT_PATH, body)) as events:
            async for event in events:
                chunk = stream.read(event)
                if chunk is not None:
                    yield chunk
        yield stream.last()

    async def _fitted(self, request: GenerationRequest, refusal: Refusal) -> GenerationRequest:
        """The request with an answer short enough for the window, when that was the trouble.

        vLLM refuses when prompt and max_tokens together pass the window; llama.cpp answers until
        the window is full. Here both do the latter.
        """
        prompt_tokens = await self._prompt_tokens_or_none(request.messages)
        if prompt_tokens is None:
            raise self._explained(request, refusal)
        room = self._window_tokens - prompt_tokens
        if room <= 0:
            raise prompt_too_long(prompt_tokens, self._window_tokens)
        if room >= request.max_tokens:
            raise self._explained(request, refusal)
        return request.model_copy(update={"max_tokens": room})

    def _explained(self, request: GenerationRequest, refusal: Refusal) -> StoreError:
        if _is_about_length(refusal):
            return prompt_of_unknown_length(self._window_tokens)
        log.warning("engine %s refused: %s", self._engine_id, refusal)
        if refusal.status in NOT_THE_CALLERS:
            return EngineFailed("The engine broke off its answer.")
        if request.json_schema is not None:
            return SchemaRefused("The engine cannot follow this JSON schema.", param="json_schema")
        return RefusedByEngine("The engine refused the request.")

    async def _prompt_tokens_or_none(self, messages: Sequence[PromptMessage]) -> int | None:
        try:
            return await self._counter.prompt_tokens(messages)
        except Refusal:
            return None


def _is_about_length(refusal: Refusal) -> bool:
    return "context length" in refusal.detail or "context_length" in refusal.detail
