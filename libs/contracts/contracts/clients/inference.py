"""Inference as the gateway calls it: generate, count tokens, list what is served and how."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx2
from pydantic import BaseModel

from contracts.clients.http import Sign, parsed, remote_error, understood, unreachable
from contracts.clients.lines import lines_of
from contracts.engines import EnginesCounted, EngineStates
from contracts.errors import ErrorBody, ErrorEnvelope, ErrorKind, RemoteError, StoreError
from contracts.generation import (
    CountRequest,
    CountResult,
    GenerationChunk,
    GenerationRequest,
    ServedModels,
)
from contracts.principal import Principal

SERVICE = "inference"


class InferenceClient:
    """Calls to inference in the name of a principal."""

    def __init__(self, http: httpx2.AsyncClient, sign: Sign) -> None:
        self._http = http
        self._sign = sign

    async def generate(
        self, principal: Principal, request: GenerationRequest
    ) -> AsyncGenerator[GenerationChunk, None]:
        """Stream an answer; close the iterator (`aclosing`) to abort the engine.

        Raises StoreError before the first chunk for refusals, and in mid-stream when the engine
        fails: `event: failed` with an error envelope.
        """
        try:
            async with self._http.stream(
                "POST",
                "/v1/generations",
                content=request.model_dump_json(),
                headers=self._headers(principal),
            ) as response:
                if not response.is_success:
                    await response.aread()
                    raise remote_error(response)
                async with aclosing(_events(response)) as events:
                    async for event, data in events:
                        if event == "failed":
                            raise _failure(data)
                        yield understood(GenerationChunk, data)
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error

    async def count(self, principal: Principal, request: CountRequest) -> CountResult:
        """The engine's own token counts."""
        return parsed(CountResult, await self._send("POST", "/v1/counts", principal, request))

    async def models(self, principal: Principal) -> ServedModels:
        """What is served now."""
        return parsed(ServedModels, await self._send("GET", "/v1/models", principal, None))

    async def counters(self, principal: Principal) -> EnginesCounted:
        """What every engine has counted itself."""
        return parsed(EnginesCounted, await self._send("GET", "/v1/counters", principal, None))

    async def engines(self, principal: Principal) -> EngineStates:
        """How every engine fares now."""
        return parsed(EngineStates, await self._send("GET", "/v1/engines", principal, None))

    async def _send(
        self, method: str, path: str, principal: Principal, body: BaseModel | None
    ) -> httpx2.Response:
        try:
            return await self._http.request(
                method,
                path,
                content=None if body is None else body.model_dump_json(),
                headers=self._headers(principal),
            )
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error

    def _headers(self, principal: Principal) -> dict[str, str]:
        token = self._sign(principal)
        return {"authorization": f"Bearer {token}", "content-type": "application/json"}


async def _events(response: httpx2.Response) -> AsyncGenerator[tuple[str, str], None]:
    """(event name, data) of each server-sent event; names default to "message"."""
    event, data = "message", ""
    async for line in lines_of(response):
        if line.startswith("event:"):
            event = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif not line and data:
            yield event, data
            event, data = "message", ""


def _failure(data: str) -> StoreError:
    body: ErrorBody = understood(ErrorEnvelope, data).error
    return RemoteError(ErrorKind.UNAVAILABLE, body)
