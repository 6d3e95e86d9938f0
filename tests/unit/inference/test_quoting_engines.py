"""An engine whose errors quote the prompt: neither the caller nor any log reads it (T20)."""

import json
from collections.abc import Iterator
from contextlib import aclosing

import pytest
from fastapi import FastAPI, Request
from pydantic import HttpUrl
from starlette.responses import PlainTextResponse, Response

from contracts.errors import StoreError
from inference.adapters.engine_openai import OpenAiEngine
from inference.adapters.openai_http import name_of
from inference.settings import OpenAiSettings, TimeLimits
from tests.support.canaries import FORGED_LINE, KEY, PROMPT, leaks, saying_everything
from tests.support.inference import asking
from tests.support.serving import served

QUOTE = f"Input should be a valid list [input_value='{PROMPT}'] {KEY}{FORGED_LINE}"
ERROR = {"message": QUOTE, "type": "BadRequestError", "code": 400}
HELLO = 'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}}]}\n\n'
STREAM = "text/event-stream"
WAYS = {
    "400": Response(json.dumps({"error": ERROR}), 400),
    "400 in vLLM's older form": Response(json.dumps({"object": "error", **ERROR}), 400),
    "422 in FastAPI's form": Response(json.dumps({"detail": [{"input": PROMPT}]}), 422),
    "500": Response(QUOTE, 500),
    "in mid-stream": Response(
        HELLO + f"data: {json.dumps({'error': ERROR})}\n\n", media_type=STREAM
    ),
    "llama.cpp's way": Response(HELLO + f"error: {QUOTE}\n\n", media_type=STREAM),
    "half an event": Response(HELLO + f'data: {{"choices": "{PROMPT}\n\n', media_type=STREAM),
    "a shape of its own": Response(
        HELLO + f"data: {json.dumps({'choices': [{PROMPT: KEY}]})}\n\n", media_type=STREAM
    ),
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        body = await request.json()
        return WAYS[body["messages"][-1]["content"]]

    @app.post("/tokenize")
    async def tokenize() -> Response:
        return PlainTextResponse(json.dumps({"error": ERROR}), 400)

    with served(app) as address:
        yield address


@pytest.mark.parametrize("way", WAYS)
async def test_an_engine_that_quotes_the_prompt_is_not_repeated(address: str, way: str) -> None:
    settings = OpenAiSettings(kind="openai", model="m", url=HttpUrl(address))
    engine = OpenAiEngine(settings, TimeLimits())
    said = []
    try:
        with saying_everything("inference") as heard:
            for work in (_answered(engine, way), engine.count([PROMPT], [])):
                with pytest.raises(StoreError) as failed:
                    await work
                said.append(failed.value.message)
    finally:
        await engine.close()

    assert heard.log.count("engine ") >= 2
    assert leaks(heard.log, heard.traces, *said) == []
    assert heard.not_ours() == []


async def _answered(engine: OpenAiEngine, way: str) -> None:
    async with aclosing(engine.generate(asking(way))) as chunks:
        async for _ in chunks:
            pass


@pytest.mark.parametrize(
    ("detail", "name"),
    [
        (json.dumps({"error": ERROR}), "BadRequestError 400"),
        (json.dumps({"object": "error", **ERROR}), "BadRequestError 400"),
        (json.dumps({"error": {"type": f"a {PROMPT}", "code": None}}), "no name for it"),
        (json.dumps({"error": QUOTE}), "no name for it"),
        (QUOTE, "no name for it"),
        ("[" * 100_000, "no name for it"),
    ],
)
def test_an_error_is_named_by_its_type_and_code_alone(detail: str, name: str) -> None:
    assert name_of(detail) == name
