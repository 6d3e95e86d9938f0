"""POST /v1/generations: server-sent events, with real statuses for what fails before the first."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import ClientDisconnect

from contracts.errors import StoreError
from contracts.generation import GenerationChunk, GenerationRequest
from inference.generation.service import GenerationService
from runtime.problems import envelope
from runtime.provide import provided
from runtime.service_auth import CallingFor, ServiceRoute
from runtime.stopping import Stopping

router = APIRouter(prefix="/v1/generations", tags=["generations"], route_class=ServiceRoute)
Generations = Annotated[GenerationService, provided(GenerationService)]


@dataclass(frozen=True)
class OpenedGeneration:
    """An answer whose first chunk is there, so that 200 can be said."""

    first: GenerationChunk
    rest: AsyncGenerator[GenerationChunk, None]


async def open_generation(
    request: Request,
    body: GenerationRequest,
    principal: CallingFor,
    generations: Generations,
    stopping: Annotated[Stopping, provided(Stopping)],
) -> AsyncIterator[OpenedGeneration]:
    """Start the answer while a refusal can still have its own status."""
    async with aclosing(stopping.guarded(generations.generate(principal, body))) as chunks:
        yield OpenedGeneration(await _first(request, chunks), chunks)


@router.post("", response_class=EventSourceResponse)
async def generate(
    opened: Annotated[OpenedGeneration, Depends(open_generation)], request: Request
) -> AsyncIterator[ServerSentEvent]:
    """Stream an answer; a reader who leaves aborts the engine."""
    yield ServerSentEvent(event="message", data=opened.first)
    try:
        async for chunk in opened.rest:
            yield ServerSentEvent(event="message", data=chunk)
    except StoreError as error:  # the 200 is sent, so failing is an event
        yield ServerSentEvent(event="failed", data=envelope(error, request.state.request_id))


async def _first(
    request: Request, chunks: AsyncGenerator[GenerationChunk, None]
) -> GenerationChunk:
    # Nothing watches the connection before a response starts, and a long prompt takes seconds to
    # read: without this a reader who left would keep the engine until its first token.
    async with asyncio.TaskGroup() as group:
        first = group.create_task(_outcome(chunks))
        gone = group.create_task(_until_gone(request))
        await asyncio.wait({first, gone}, return_when=asyncio.FIRST_COMPLETED)
        first.cancel()
        gone.cancel()
    if first.cancelled():
        raise ClientDisconnect
    outcome = first.result()
    if isinstance(outcome, StoreError):
        raise outcome
    return outcome


async def _outcome(
    chunks: AsyncGenerator[GenerationChunk, None],
) -> GenerationChunk | StoreError:
    # A task group would wrap a raised error in an ExceptionGroup; a value goes through as it is.
    try:
        return await anext(chunks)
    except StoreError as error:
        return error


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
