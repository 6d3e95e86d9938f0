"""The simulator as an OpenAI-style server of its own, speaking vLLM's dialect.

    INFERENCE_SIMULATOR='{"kind":"simulator"}' INFERENCE_SIMULATOR_PORT=8000 \\
        python -m inference.adapters.simulator_server
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from contracts.errors import StoreError
from contracts.generation import (
    EngineUsage,
    GenerationChunk,
    GenerationRequest,
    PromptMessage,
)
from inference.adapters.engine_simulator import SimulatorEngine
from inference.adapters.simulator_text import prompt_tokens, tokens_of
from inference.errors import ContextLengthExceeded, ModelNotFound, RefusedByEngine
from inference.settings import SimulatorServerSettings
from runtime.problems import HTTP_STATUS


class StreamOptions(BaseModel):
    """OpenAI's, and vLLM's addition."""

    include_usage: bool = False
    continuous_usage_stats: bool = False


class ChatBody(BaseModel):
    """The fields our adapters send."""

    model_config = ConfigDict(extra="ignore")

    model: str
    messages: list[PromptMessage]
    max_tokens: int = 16
    temperature: float = 1
    top_p: float = 1
    seed: int | None = None
    stop: list[str] = []
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    response_format: dict[str, Any] | None = None
    cache_salt: str | None = None

    def request(self) -> GenerationRequest:
        """The same in our words."""
        schema: dict[str, Any] | None = None
        if self.response_format is not None:
            schema = self.response_format.get("json_schema", {}).get("schema", {})
        return GenerationRequest(
            model=self.model,
            messages=self.messages,
            max_tokens=self.max_tokens,
            stop=self.stop,
            json_schema=schema,
            cache_salt=self.cache_salt,
        )


class TokenizeBody(BaseModel):
    """vLLM's: a text or messages."""

    model_config = ConfigDict(extra="ignore")

    prompt: str | None = None
    messages: list[PromptMessage] = []


def build_simulator_app(engine: SimulatorEngine) -> FastAPI:
    """The server around an engine. Without key: loopback only, as vLLM's own is best kept."""
    app = FastAPI(title="Stoa simulator", docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(StoreError)
    async def refused(_: Request, error: StoreError) -> JSONResponse:
        status = HTTP_STATUS[error.kind][0]
        body = {"message": error.message, "type": "BadRequestError", "code": status}
        return JSONResponse({"error": body}, status_code=status)

    @app.get("/health")
    async def health() -> Response:
        return Response(status_code=200 if engine.is_up else 503)

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        served = {"id": engine.model, "object": "model", "max_model_len": engine.window_tokens}
        return {"object": "list", "data": [served]}

    @app.post("/tokenize")
    async def tokenize(body: TokenizeBody) -> dict[str, int]:
        counted = prompt_tokens(body.messages) if body.prompt is None else tokens_of(body.prompt)
        return {"count": len(counted), "max_model_len": engine.window_tokens}

    @app.post("/v1/chat/completions")
    async def chat(body: ChatBody) -> Response:
        _refuse_what_vllm_refuses(engine, body)
        chunks = engine.generate(body.request())
        if not body.stream:
            return JSONResponse(await _whole(chunks))
        first = await anext(chunks)
        return StreamingResponse(
            _events(first, chunks, body.stream_options), media_type="text/event-stream"
        )

    _tell_the_counts(app, engine)
    return app


def _tell_the_counts(app: FastAPI, engine: SimulatorEngine) -> None:
    @app.get("/calls")
    async def calls() -> list[dict[str, Any]]:
        return [{"outcome": each.outcome, **each.usage.model_dump()} for each in engine.calls]

    @app.get("/metrics")
    async def metrics() -> Response:
        return PlainTextResponse(await _metrics(engine))


def _refuse_what_vllm_refuses(engine: SimulatorEngine, body: ChatBody) -> None:
    """In the words of vLLM 0.32. An answer that would pass the window is cut short instead."""
    if body.model != engine.model:
        raise ModelNotFound(f"The model `{body.model}` does not exist.", param="model")
    if body.max_tokens > engine.window_tokens:
        raise RefusedByEngine(
            f"max_tokens={body.max_tokens} cannot be greater than max_model_len="
            f"{engine.window_tokens}. Please request fewer output tokens."
        )
    tokens = len(prompt_tokens(body.messages))
    if tokens > engine.window_tokens:
        raise ContextLengthExceeded(
            f"This model's maximum context length is {engine.window_tokens} tokens. However, your "
            f"prompt contains {tokens} input tokens, which exceeds this limit even without any "
            "output tokens."
        )


async def _metrics(engine: SimulatorEngine) -> str:
    """In the words of vLLM 0.32, which counts cached tokens among those of prompts."""
    count, labels = await engine.counters(), f'{{engine="0",model_name="{engine.model}"}}'
    lines = []
    for name, tokens in (
        ("prompt_tokens", count.counted.input_tokens),
        ("prompt_tokens_cached", count.counted.cached_tokens),
        ("generation_tokens", count.counted.output_tokens),
    ):
        lines += [
            f"# HELP vllm:{name}_total Tokens.",
            f"# TYPE vllm:{name}_total counter",
            f"vllm:{name}_total{labels} {float(tokens)}",
            f"# TYPE vllm:{name}_created gauge",
            f"vllm:{name}_created{labels} {count.since}",
        ]
    return "\n".join(lines) + "\n"


async def _whole(chunks: AsyncGenerator[GenerationChunk, None]) -> dict[str, Any]:
    text, usage, reason = "", EngineUsage(input_tokens=0, output_tokens=0), "stop"
    async for chunk in chunks:
        text += chunk.text
        usage = chunk.usage or usage
        reason = chunk.finish_reason or reason
    message = {"role": "assistant", "content": text}
    return {
        "object": "chat.completion",
        "created": int(time.time()),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": _usage(usage),
    }


async def _events(
    first: GenerationChunk, rest: AsyncGenerator[GenerationChunk, None], options: StreamOptions
) -> AsyncIterator[str]:
    async with aclosing(rest):
        last = first
        yield _opening(first, options)
        yield _event(first, options)
        if first.finish_reason is None:
            async for last in rest:
                yield _event(last, options)
        if options.include_usage and last.usage is not None:
            yield _data({"choices": [], "usage": _usage(last.usage)})
        yield "data: [DONE]\n\n"


def _opening(first: GenerationChunk, options: StreamOptions) -> str:
    """The role comes alone, before any token is counted."""
    usage = first.usage and first.usage.model_copy(update={"output_tokens": 0})
    return _chunk({"role": "assistant", "content": ""}, usage, None, options)


def _event(chunk: GenerationChunk, options: StreamOptions) -> str:
    return _chunk({"content": chunk.text}, chunk.usage, chunk.finish_reason, options)


def _chunk(
    delta: dict[str, str],
    usage: EngineUsage | None,
    finish_reason: str | None,
    options: StreamOptions,
) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    event: dict[str, Any] = {"object": "chat.completion.chunk", "choices": [choice]}
    if options.continuous_usage_stats and usage is not None:
        # Running counts have no details: how much was cached is said at the end only.
        event["usage"] = _usage(usage) | {"prompt_tokens_details": None}
    return _data(event)


def _data(event: dict[str, Any]) -> str:
    return f"data: {json.dumps(event)}\n\n"


def _usage(usage: EngineUsage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def main() -> None:
    """Serve until a signal."""
    settings = SimulatorServerSettings()
    app = build_simulator_app(SimulatorEngine(settings.simulator))
    uvicorn.run(app, host="127.0.0.1", port=settings.simulator_port, log_level="warning")


if __name__ == "__main__":
    main()
