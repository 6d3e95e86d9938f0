"""Token counts on an OpenAI-style server: its tokenize call, or the usage of a short answer."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.generation import CountResult, GenerationRequest, PromptMessage
from inference.adapters.chat_stream import whole_body
from inference.adapters.dialects import Dialect
from inference.adapters.openai_http import CHAT_PATH, OpenAiHttp
from inference.adapters.own_use import OwnUse

COUNTS_AT_ONCE = 8


class OpenAiCounter:
    """Counts texts and prompts. Raises Refusal where the server refuses."""

    def __init__(self, http: OpenAiHttp, dialect: Dialect, served_name: str, own: OwnUse) -> None:
        self._http = http
        self._dialect = dialect
        self._served_name = served_name
        self._own = own
        self._at_once = asyncio.Semaphore(COUNTS_AT_ONCE)

    async def count(self, texts: Sequence[str], messages: Sequence[PromptMessage]) -> CountResult:
        """Counts in the order asked."""
        empty = await self._empty_message_tokens() if texts else 0
        counted = await asyncio.gather(*(self._text_tokens(text, empty) for text in texts))
        prompt = await self.prompt_tokens(messages) if messages else None
        return CountResult(texts=list(counted), prompt=prompt)

    async def prompt_tokens(self, messages: Sequence[PromptMessage]) -> int:
        """The messages with their template, as `usage` would say."""
        path = self._dialect.prompt_count_path
        if path is None:
            return await self._by_answer(messages)
        body = {
            "model": self._served_name,
            "messages": [each.model_dump() for each in messages],
        }
        return _counted(await self._http.post(path, body))

    async def _text_tokens(self, text: str, empty_message_tokens: int) -> int:
        path = self._dialect.text_count_path
        async with self._at_once:
            if path is None:
                return await self._by_answer([_said(text)]) - empty_message_tokens
            body = {
                "model": self._served_name,
                self._dialect.text_field: text,
                # One name is vLLM's, the other llama.cpp's: a text alone has no start token.
                "add_special_tokens": False,
                "add_special": False,
            }
            return _counted(await self._http.post(path, body))

    async def _empty_message_tokens(self) -> int:
        if self._dialect.text_count_path is not None:
            return 0
        return await self._by_answer([_said("")])

    async def _by_answer(self, messages: Sequence[PromptMessage]) -> int:
        request = GenerationRequest(
            model=self._served_name, messages=list(messages), max_tokens=1, temperature=0
        )
        body = whole_body(request, self._served_name, self._dialect)
        answer = await self._http.post(CHAT_PATH, body)
        self._own.add_answer(answer)
        tokens: int = answer["usage"]["prompt_tokens"]
        return tokens


def _said(text: str) -> PromptMessage:
    return PromptMessage(role="user", content=text)


def _counted(answer: Mapping[str, Any]) -> int:
    # vLLM says `count`, llama.cpp `input_tokens` for prompts and the tokens themselves for texts.
    for name in ("count", "input_tokens"):
        if name in answer:
            return int(answer[name])
    return len(answer["tokens"])
