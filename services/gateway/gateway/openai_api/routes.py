"""POST /v1/chat/completions and GET /v1/models, as the official SDKs call them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response, StreamingResponse

from contracts.accounts import Scope
from contracts.chat import ChatCompletion, ModelView
from contracts.errors import StoreError
from contracts.lists import Page
from gateway.answering.service.answers import Delta, Step
from gateway.caller import Caller
from gateway.openai_api.rules import DONE, IncomingCompletion, error_line
from gateway.openai_api.service import Completion, CompletionService
from gateway.signed_in import open_to_bound_keys
from runtime.problems import envelope
from runtime.provide import provided

T = TypeVar("T")

router = APIRouter(prefix="/v1", tags=["chat"])
Completions = Annotated[CompletionService, provided(CompletionService)]
MayChat = Annotated[Caller, open_to_bound_keys(Scope.CHAT)]

STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
"""With `stream` the answer comes as events; without as one object."""

_UNBUFFERED = {"cache-control": "no-cache", "x-accel-buffering": "no"}


@dataclass(frozen=True)
class Opened:
    """An answer whose first words are there."""

    completion: Completion
    first: str
    events: AsyncGenerator[Step | Delta, None]


async def open_completion(
    request: Request, body: IncomingCompletion, caller: MayChat, completions: Completions
) -> AsyncIterator[Opened]:
    """Wait for the first words: until then a refusal can have its own status."""
    async with opening(request, await completions.begin(caller, body)) as opened:
        yield opened


@asynccontextmanager
async def opening(request: Request, completion: Completion) -> AsyncIterator[Opened]:
    """An answer from its first words on, closed at the end."""
    async with aclosing(completion.answer.events()) as events:
        first = await _while_reader_stays(request, completion.first(events))
        yield Opened(completion, first, events)


@router.post("/chat/completions", response_model=ChatCompletion, responses=STREAMED)
async def complete(
    request: Request, opened: Annotated[Opened, Depends(open_completion)]
) -> Response:
    """Answer a chat. A reader who leaves stops the engine, and pays what was generated."""
    return await answered(request, opened)


async def answered(request: Request, opened: Opened) -> Response:
    """The answer, as a stream or whole."""
    if opened.completion.request.stream:
        return StreamingResponse(
            _lines(opened, request.state.request_id),
            media_type="text/event-stream",
            headers=_UNBUFFERED,
        )
    whole = await _while_reader_stays(request, opened.completion.whole(opened.events))
    return JSONResponse(whole.model_dump(mode="json"))


@router.get("/models")
async def list_models(caller: MayChat, completions: Completions) -> Page[ModelView]:
    """The assistants and models the caller can ask."""
    return await completions.models(caller)


@router.get("/models/{model:path}")
async def get_model(model: str, caller: MayChat, completions: Completions) -> ModelView:
    """One of them, by id or slug."""
    return await completions.model(caller, model)


async def _lines(opened: Opened, request_id: str) -> AsyncIterator[str]:
    try:
        async with aclosing(opened.completion.lines(opened.first, opened.events)) as lines:
            async for line in lines:
                yield line
        yield DONE
    except StoreError as error:  # the 200 is sent, so failing is a line
        yield error_line(envelope(error, request_id))


async def _while_reader_stays(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of `work`, given up as soon as the reader leaves.

    Nothing else watches the connection before a response starts, and reading a long prompt takes
    an engine seconds.
    """
    async with asyncio.TaskGroup() as group:
        working = group.create_task(_outcome(work))
        gone = group.create_task(_until_gone(request))
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        gone.cancel()
    if working.cancelled():
        raise ClientDisconnect
    outcome = working.result()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def _outcome(work: Coroutine[Any, Any, T]) -> T | Exception:
    # A task group would wrap a raised error in an ExceptionGroup; a value goes through as it is.
    try:
        return await work
    except Exception as error:  # noqa: BLE001  # raised again by the caller
        return error


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
