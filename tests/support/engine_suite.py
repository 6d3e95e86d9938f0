"""The suite of the engine port: every adapter passes it, in front of every server.

from tests.support.engine_suite import *   # in a test module with the fixtures
    subject      an engine under test
    counting     the same, of those whose server counts tokens
    separating   the same, of those that keep tenants' caches apart
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import HttpUrl

from contracts.engines import Tokens
from contracts.errors import StoreError
from contracts.generation import GenerationChunk, GenerationRequest, PromptMessage
from inference.errors import ContextLengthExceeded
from inference.ports import Engine
from inference.settings import OpenAiSettings, TimeLimits
from tests.support.inference import asking
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

MODEL = "qwen2.5-coder-0.5b-instruct"
WINDOW_TOKENS = 256
LIMITS = TimeLimits()
COUNT = "Count from one to five."
STORY = "Write a very long story about the sea."


@dataclass(frozen=True)
class Subject:
    """An engine under test. abort_seconds: how soon it is idle after a reader left."""

    engine: Engine
    is_idle: Callable[[], Awaitable[bool]]
    abort_seconds: float = 2


def openai_settings(address: str, dialect: Any, key: Path | None = None) -> OpenAiSettings:
    return OpenAiSettings(
        kind="openai",
        model=MODEL,
        url=HttpUrl(f"{address}/v1"),
        dialect=dialect,
        api_key_file=key,
        window_tokens=WINDOW_TOKENS,
    )


async def all_of(engine: Engine, request: GenerationRequest) -> list[GenerationChunk]:
    async with aclosing(engine.generate(request)) as chunks:
        return [chunk async for chunk in chunks]


def text_of(chunks: list[GenerationChunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


def exactly(text: str, **fields: Any) -> GenerationRequest:
    return asking(text, **{"temperature": 0, "max_tokens": 24} | fields)


def answers(engine: Engine) -> Callable[[], Awaitable[bool]]:
    """Whether it writes a token now."""

    async def writes() -> bool:
        try:
            return bool(text_of(await all_of(engine, exactly(COUNT, max_tokens=1))))
        except StoreError:
            return False

    return writes


async def drained(chunks: AsyncIterator[GenerationChunk]) -> None:
    async for _ in chunks:
        pass


async def test_an_answer_comes_in_pieces_and_in_order(subject: Subject) -> None:
    chunks = await all_of(subject.engine, exactly(COUNT))

    assert len(chunks) > 5
    assert "1, 2, 3, 4, 5" in text_of(chunks)
    assert [chunk.finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].finish_reason == "stop"
    assert {chunk.engine for chunk in chunks} == {subject.engine.id}


async def test_every_chunk_carries_the_running_usage(subject: Subject) -> None:
    usages = [chunk.usage for chunk in await all_of(subject.engine, exactly(COUNT))]
    known = [usage for usage in usages if usage is not None]

    assert len(known) == len(usages)
    outputs = [usage.output_tokens for usage in known]
    assert outputs == sorted(outputs)
    assert len({usage.input_tokens for usage in known}) == 1
    assert not known[-1].estimated


async def test_a_stop_word_ends_the_answer_before_it(subject: Subject) -> None:
    chunks = await all_of(subject.engine, exactly(COUNT, stop=["4"]))

    assert "3" in text_of(chunks)
    assert "4" not in text_of(chunks)
    assert chunks[-1].finish_reason == "stop"


async def test_an_answer_is_as_long_as_allowed(subject: Subject) -> None:
    chunks = await all_of(subject.engine, exactly(STORY, max_tokens=5))

    assert chunks[-1].finish_reason == "length"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.output_tokens == 5


async def test_an_answer_ends_where_the_window_does(subject: Subject) -> None:
    said = "word " * (WINDOW_TOKENS - 70) + STORY
    chunks = await all_of(subject.engine, exactly(said, max_tokens=400))

    usage = chunks[-1].usage
    assert usage is not None
    assert chunks[-1].finish_reason in ("length", "stop")
    assert usage.input_tokens + usage.output_tokens <= WINDOW_TOKENS


async def test_a_prompt_that_does_not_fit_is_refused(subject: Subject) -> None:
    with pytest.raises(ContextLengthExceeded) as refused:
        await all_of(subject.engine, exactly("word " * 600))

    assert f"{WINDOW_TOKENS} tokens" in refused.value.message


async def test_that_refusal_says_how_long_the_prompt_is(counting: Subject) -> None:
    engine = counting.engine
    request = exactly("word " * 600)
    prompt = (await engine.count([], request.messages)).prompt

    with pytest.raises(ContextLengthExceeded) as refused:
        await all_of(engine, request)

    assert f"{prompt} tokens" in refused.value.message
    assert f"{WINDOW_TOKENS} tokens" in refused.value.message


async def test_counts_are_those_of_the_usage(subject: Subject) -> None:
    messages = [
        PromptMessage(role="system", content="You are a librarian."),
        PromptMessage(role="user", content="请用一个字回答。 Hello?"),
    ]
    request = GenerationRequest(model=MODEL, messages=messages, max_tokens=1)
    counted = await subject.engine.count(["Hello there", ""], messages)
    chunks = await all_of(subject.engine, request)

    assert chunks[-1].usage is not None
    assert counted.prompt == chunks[-1].usage.input_tokens
    assert counted.texts == [2, 0]


async def test_many_counts_at_once_wait_for_no_connection(subject: Subject) -> None:
    async with asyncio.timeout(4):  # llama.cpp gives an idle connection up after 5 s
        await subject.engine.count([f"first {n}" for n in range(24)], [])
        counted = await subject.engine.count([f"second {n}" for n in range(24)], [])

    assert all(count >= 2 for count in counted.texts)


async def test_a_schema_is_followed(subject: Subject) -> None:
    schema = {
        "type": "object",
        "properties": {"age": {"type": "integer"}, "name": {"type": "string", "maxLength": 8}},
        "required": ["age", "name"],
    }
    chunks = await all_of(subject.engine, exactly("Bob is 7.", json_schema=schema, max_tokens=60))

    answer = json.loads(text_of(chunks))
    assert isinstance(answer["age"], int)
    assert isinstance(answer["name"], str)


async def test_a_repeated_prompt_is_found_in_the_cache(subject: Subject) -> None:
    request = exactly("The walls of the city were high. " * 6, max_tokens=1, cache_salt="ada")
    await all_of(subject.engine, request)
    chunks = await all_of(subject.engine, request)

    usage = chunks[-1].usage
    assert usage is not None
    assert 0 < usage.cached_tokens < usage.input_tokens


async def test_closing_the_stream_stops_the_engine(subject: Subject) -> None:
    async with aclosing(subject.engine.generate(exactly(STORY, max_tokens=400))) as chunks:
        await anext(chunks)

    await eventually(subject.is_idle, seconds=subject.abort_seconds, what="the engine to stop")
    assert text_of(await all_of(subject.engine, exactly(COUNT, max_tokens=1)))


async def test_the_engine_itself_counts_what_its_answers_say(counting: Subject) -> None:
    engine = counting.engine
    await eventually(counting.is_idle, seconds=counting.abort_seconds, what="the engine to rest")
    before = (await engine.counters()).counted
    usage = (await all_of(engine, exactly(COUNT)))[-1].usage
    assert usage is not None
    said = Tokens(
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
    )

    async def has_counted() -> bool:
        return (await engine.counters()).counted - before == said

    await eventually(has_counted, seconds=10, what="the engine to count its answer")


async def test_the_self_test_passes(subject: Subject) -> None:
    await subject.engine.self_test()

    assert subject.engine.is_up


async def test_tenants_share_no_cache(separating: Subject) -> None:
    engine = separating.engine
    said = "The gates of the city were shut. " * 6
    await all_of(engine, exactly(said, max_tokens=1, cache_salt=f"ada {engine.id}"))
    chunks = await all_of(engine, exactly(said, max_tokens=1, cache_salt=f"bob {engine.id}"))

    assert chunks[-1].usage is not None
    assert chunks[-1].usage.cached_tokens == 0
