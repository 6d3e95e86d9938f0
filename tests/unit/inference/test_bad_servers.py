"""OpenAI-style servers that stall, break off or talk nonsense."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI, Request
from pydantic import HttpUrl
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from contracts.errors import StoreError
from contracts.generation import GenerationChunk
from inference.adapters.engine_openai import OpenAiEngine
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
IMPATIENT = TimeLimits(first_token_seconds=0.3, between_tokens_seconds=0.3)


async def _stalling() -> AsyncIterator[str]:
    yield HELLO
    await asyncio.Event().wait()


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

    assert set(codes) == {"invalid_request"}
