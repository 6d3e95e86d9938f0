"""OpenAI-style servers that stall, break off or talk nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI, Request
from pydantic import HttpUrl
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from contracts.errors import StoreError
from contracts.generation import GenerationChunk
from inference.adapters.engine_openai import OpenAiEngine
from inference.adapters.openai_lines import LONGEST_LINE_BYTES
from inference.errors import (
    EngineBusy,
    EngineFailed,
    EngineUnavailable,
    RefusedByEngine,
    SchemaRefused,
)
from inference.settings import OpenAiSettings, TimeLimits
from tests.support.inference import asking
from tests.support.serving import served

HELLO = 'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}}]}\n\n'
END = 'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
SHAPES: tuple[object, ...] = (
    [],
    "words",
    {"choices": [None]},
    {"choices": "words"},
    {"choices": 5},
    {"choices": [{"delta": "words"}]},
    {"choices": [{"delta": {"content": 5}}]},
    {"choices": [{"delta": {"content": ["words"]}}]},
    {"choices": [], "usage": "many"},
    {"choices": [], "usage": {"prompt_tokens": 1}},
    {"choices": [], "usage": {"prompt_tokens": -5, "completion_tokens": 1}},
    {"choices": [], "usage": {"prompt_tokens": 10**30, "completion_tokens": 1}},
    {"choices": [], "usage": {"prompt_tokens": "x", "completion_tokens": None}},
)
IMPATIENT = TimeLimits(first_token_seconds=0.3, between_tokens_seconds=0.3)


async def _stalling() -> AsyncIterator[str]:
    yield HELLO
    await asyncio.Event().wait()


async def _babbling() -> AsyncIterator[str]:
    while True:
        yield HELLO.replace("Hello", "Hello" * 1_000)
        await asyncio.sleep(0.001)  # else the server never hears that its reader has left


async def _pinging() -> AsyncIterator[str]:
    yield HELLO
    while True:
        yield ": ping\n\n"
        await asyncio.sleep(0.05)


def _answers() -> dict[str, Response]:
    stream = "text/event-stream"
    return {
        "stalls": StreamingResponse(_stalling(), media_type=stream),
        "pings": StreamingResponse(_pinging(), media_type=stream),
        "breaks off": PlainTextResponse(HELLO, media_type=stream),
        "no reason": PlainTextResponse(HELLO + "data: [DONE]\n\n", media_type=stream),
        "nonsense": PlainTextResponse(HELLO + "data: {nonsense\n\n", media_type=stream),
        "a line too long": PlainTextResponse(
            HELLO + 'data: {"choices": "' + "x" * LONGEST_LINE_BYTES, media_type=stream
        ),
        "too deep": PlainTextResponse(HELLO + "data: " + "[" * 200_000, media_type=stream),
        "no end of words": StreamingResponse(_babbling(), media_type=stream),
        "a line of its own": PlainTextResponse(
            HELLO.replace("Hello", "One\u2028two\x85three \\ud800\\u0000") + END, media_type=stream
        ),
        **{
            f"shape {number}": PlainTextResponse(f"data: {json.dumps(shape)}\n\n{END}")
            for number, shape in enumerate(SHAPES)
        },
        "error event": PlainTextResponse(
            HELLO + 'data: {"error": {"message": "/secret/path"}}\n\n', media_type=stream
        ),
        "500": PlainTextResponse("Traceback: /secret/path", status_code=500),
        "503": PlainTextResponse("loading", status_code=503),
        "full": PlainTextResponse("The engine is currently busy and cannot …", status_code=503),
        "full after all": PlainTextResponse(
            'data: {"error": {"message": "The engine is currently busy and …", "code": 503}}\n\n',
            media_type=stream,
        ),
        **{
            status: PlainTextResponse("bad /secret/path", status_code=int(status))
            for status in ("401", "403", "429")
        },
        "400": PlainTextResponse("bad /secret/path", status_code=400),
    }


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        body = await request.json()
        said = body["messages"][-1]["content"]
        if said == "never":
            await asyncio.sleep(5)
        return _answers()[said]

    @app.post("/tokenize")
    async def tokenize() -> dict[str, int]:
        return {"count": 5}

    with served(app) as address:
        yield address


@pytest.fixture
async def engine(address: str) -> AsyncIterator[OpenAiEngine]:
    settings = OpenAiSettings(kind="openai", model="m", url=HttpUrl(address))
    engine = OpenAiEngine(settings, IMPATIENT)
    yield engine
    await engine.close()


async def read(engine: OpenAiEngine, said: str) -> list[GenerationChunk]:
    async with aclosing(engine.generate(asking(said))) as chunks:
        return [chunk async for chunk in chunks]


@pytest.mark.parametrize(
    "said",
    ["never", "stalls", "pings", "breaks off", "no reason", "nonsense", "error event", "500"],
)
async def test_a_server_that_misbehaves_has_failed(engine: OpenAiEngine, said: str) -> None:
    with pytest.raises(EngineFailed) as failed:
        await read(engine, said)

    assert "secret" not in failed.value.message


@pytest.mark.parametrize(
    "said",
    [
        "a line too long",
        "too deep",
        "no end of words",
        *(f"shape {number}" for number in range(len(SHAPES))),
    ],
)
async def test_nonsense_of_any_shape_is_a_failure_of_the_engine(
    engine: OpenAiEngine, said: str
) -> None:
    with pytest.raises(EngineFailed):
        await read(engine, said)


async def test_an_answer_may_hold_line_ends_of_every_kind(engine: OpenAiEngine) -> None:
    first, *_ = await read(engine, "a line of its own")

    assert first.text == "One\u2028two\x85three ?\ufffd"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[]", b'{"count": {}}', b" " * (9 << 20)])
async def test_counts_that_are_none_are_a_failure_of_the_engine(body: bytes) -> None:
    app = FastAPI()

    @app.post("/tokenize")
    async def tokenize() -> Response:
        return Response(body, media_type="application/json")

    with served(app) as address:
        settings = OpenAiSettings(kind="openai", model="m", url=HttpUrl(address))
        engine = OpenAiEngine(settings, IMPATIENT)
        with pytest.raises(EngineFailed):
            await engine.count(["words"], [])
        await engine.close()


async def test_a_server_that_is_loading_is_unavailable(engine: OpenAiEngine) -> None:
    with pytest.raises(EngineUnavailable) as refused:
        await read(engine, "503")

    assert refused.value.retry_after_seconds == 2


@pytest.mark.parametrize("said", ["full", "full after all"])
async def test_a_full_server_is_busy_and_does_not_open_the_breaker(
    engine: OpenAiEngine, said: str
) -> None:
    refusals = []
    for _ in range(5):
        with pytest.raises(EngineBusy) as refused:
            await read(engine, said)
        refusals.append(refused.value.retry_after_seconds)

    assert set(refusals) == {2}


async def test_a_refusal_is_told_in_our_words(engine: OpenAiEngine) -> None:
    with pytest.raises(RefusedByEngine) as refused:
        await read(engine, "400")

    assert refused.value.message == "The engine refused the request."


@pytest.mark.parametrize("said", ["401", "403", "429"])
async def test_a_refusal_of_our_own_key_is_no_fault_of_who_asks(
    engine: OpenAiEngine, said: str
) -> None:
    with pytest.raises(EngineFailed):
        await read(engine, said)


async def test_a_schema_that_an_engine_refuses_is_named(engine: OpenAiEngine) -> None:
    with pytest.raises(SchemaRefused):
        async with aclosing(engine.generate(asking("400", json_schema={"type": "x"}))) as chunks:
            await anext(chunks)


async def test_a_server_that_keeps_failing_is_left_alone(engine: OpenAiEngine) -> None:
    for _ in range(3):
        with pytest.raises(EngineFailed):
            await read(engine, "500")

    with pytest.raises(EngineUnavailable):
        await read(engine, "500")


async def test_refusals_do_not_open_the_breaker(engine: OpenAiEngine) -> None:
    codes = []
    for _ in range(5):
        with pytest.raises(StoreError) as refused:
            await read(engine, "400")
        codes.append(refused.value.code)

    assert set(codes) == {"refused_by_engine"}
