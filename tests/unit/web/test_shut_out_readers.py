"""A stream whose reader was shut out meanwhile ends as a refusal, not as a fault of ours."""

import json
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from contracts.conversations import TurnEvent
from contracts.errors import ErrorKind, StoreError
from gateway.signed_in import NotSignedIn
from runtime.outgoing import service_client
from runtime.problems import envelope
from tests.support.serving import served
from web.clients.conversations import Conversations
from web.clients.gateway import Gateway


def gateway_that_ends() -> FastAPI:
    """Sends a word, then what the gateway sends when a session has ended."""
    app = FastAPI()

    async def lines() -> AsyncIterator[str]:
        yield f"event: delta\ndata: {TurnEvent(id=1, type='delta', text='A').model_dump_json()}\n\n"
        last = envelope(NotSignedIn("Your session has ended."), "req_1").model_dump()
        yield f"event: error\ndata: {json.dumps(last)}\n\n"

    @app.get("/v1/turns/{turn_id}/events")
    async def events(turn_id: str) -> StreamingResponse:
        del turn_id
        return StreamingResponse(lines(), media_type="text/event-stream")

    return app


async def read(conversations: Conversations, heard: list[str]) -> None:
    async for event in conversations.events("token", "turn_1", 0):
        heard.append(event.text)  # noqa: PERF401 - what came before a failure counts


async def test_the_last_word_is_the_refusal() -> None:
    heard: list[str] = []
    with served(gateway_that_ends()) as address:
        async with service_client(address, timeout=10) as http:
            with pytest.raises(StoreError) as caught:
                await read(Conversations(Gateway(http)), heard)

    assert heard == ["A"]
    assert (caught.value.kind, caught.value.code) == (ErrorKind.UNAUTHENTICATED, "not_signed_in")
