"""The layer that looks at the caller again, alone: before an answer, in one, and when it cannot."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from starlette.types import Message, Receive, Scope, Send

from contracts.accounts import Power
from gateway.caller import Caller
from gateway.open_answers import OpenAnswers
from gateway.signed_in import Doorkeeper, Identify, InvalidKey
from tests.support.waiting import eventually

CHECK_SECONDS = 0.02
CALLER = Caller(
    member_id="mem_1",
    workspace_id="wsp_1",
    power=Power.MEMBER,
    member_name="Ada",
    email="ada@example.org",
    key_id=None,
    scopes=frozenset(),
)
Answer = Callable[[Send], Awaitable[None]]
START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream")],
}


class Door:
    """Open, until somebody shuts it or it cannot be looked at."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.looks = 0

    async def __call__(self, token: str, *, even_pending: bool = False) -> Caller:
        assert (token, even_pending) in (("sk-stoa-x", True), ("vst-stoa-x", True))
        self.looks += 1
        if self.failure is not None:
            raise self.failure
        return CALLER


async def at_once() -> None:
    """Nothing is waited for."""


async def told(
    door: Identify,
    answer: Answer,
    path: str = "/v1/x",
    on_its_way: Callable[[], Awaitable[None]] = at_once,
    bearer: str = "sk-stoa-x",
    check_seconds: float = CHECK_SECONDS,
) -> list[Message]:
    """What the reader gets of an answer; on_its_way: what each message waits for before it goes."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await answer(send)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        await on_its_way()
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(b"authorization", f"Bearer {bearer}".encode())],
        "state": {"provided": {Doorkeeper: Doorkeeper(door)}, "request_id": "req_1"},
    }
    await OpenAnswers(app, check_seconds, guest_check_seconds=CHECK_SECONDS)(scope, receive, send)
    return sent


def shuts(door: Door, *first: Message) -> Answer:
    """An answer that would never end, and whose caller is shut out after its first words."""

    async def answer(send: Send) -> None:
        for message in first:
            await send(message)
        door.failure = InvalidKey("This API key is unknown, expired or revoked.")
        await asyncio.Event().wait()

    return answer


def body(text: str, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": more}


async def test_before_an_answer_has_begun_it_is_a_refusal() -> None:
    door = Door()
    start, last = await told(door, shuts(door))

    assert start["status"] == 401
    assert json.loads(last["body"])["error"]["code"] == "invalid_api_key"


async def test_a_guest_is_looked_at_more_often_than_members() -> None:
    door = Door()
    start, _ = await told(door, shuts(door), bearer="vst-stoa-x", check_seconds=3_600)

    assert start["status"] == 401


async def test_an_answer_called_off_on_its_way_out_is_a_refusal_too() -> None:
    door = Door()
    ways = iter([asyncio.Event().wait])

    async def held_up_once() -> None:
        for wait in ways:
            await wait()

    async def answer(send: Send) -> None:
        door.failure = InvalidKey("This API key is unknown, expired or revoked.")
        await send(START)

    start, last = await told(door, answer, on_its_way=held_up_once)

    assert start["status"] == 401
    assert json.loads(last["body"])["error"]["code"] == "invalid_api_key"


async def test_what_is_done_after_the_last_word_is_not_called_off() -> None:
    looking, is_done = asyncio.Event(), False

    async def look(token: str, *, even_pending: bool = False) -> Caller:
        del token, even_pending
        looking.set()
        await asyncio.sleep(CHECK_SECONDS)
        raise InvalidKey("This API key is unknown, expired or revoked.")

    async def answer(send: Send) -> None:
        nonlocal is_done
        await send(START)
        await looking.wait()
        await send(body("done", more=False))
        await asyncio.sleep(3 * CHECK_SECONDS)
        is_done = True

    assert (await told(look, answer))[-1] == body("done", more=False)
    assert is_done


async def test_a_stream_of_events_ends_with_one_that_says_why() -> None:
    door = Door()
    sent = await told(door, shuts(door, START, body("data: 1\n\n")))

    assert sent[-1]["more_body"] is False
    assert sent[-1]["body"].startswith(b"event: error\ndata: {")
    assert b"invalid_api_key" in sent[-1]["body"]


async def test_a_download_is_cut_without_a_last_word() -> None:
    door = Door()
    zipped = {**START, "headers": [(b"content-type", b"application/zip")]}
    sent = await told(door, shuts(door, zipped, body("PK")))

    assert sent[-1] == body("PK")


async def test_a_database_that_is_away_shuts_nobody_out() -> None:
    door = Door()

    async def has_looked() -> bool:
        return door.looks >= 3

    async def answer(send: Send) -> None:
        await send(START)
        door.failure = OperationalError("select", {}, Exception("away"))
        await eventually(has_looked, seconds=10, what="three looks")
        await send(body("done", more=False))

    assert (await told(door, answer))[-1] == body("done", more=False)


async def test_a_short_answer_is_not_looked_at() -> None:
    door = Door()

    async def answer(send: Send) -> None:
        await send(START)
        await send(body("done", more=False))

    await told(door, answer)

    assert door.looks == 0


@pytest.mark.parametrize("path", ["/health/live", "/internal/jobs/sweep"])
async def test_only_the_public_api_is_watched(path: str) -> None:
    door = Door()

    async def answer(send: Send) -> None:
        await asyncio.sleep(3 * CHECK_SECONDS)
        await send(START)

    assert await told(door, answer, path) == [START]
    assert door.looks == 0


async def test_a_cancellation_that_is_not_ours_goes_on() -> None:
    door = Door()

    async def answer(send: Send) -> None:
        await send(START)
        await asyncio.Event().wait()

    asking: asyncio.Task[Any] = asyncio.ensure_future(told(door, answer))
    await asyncio.sleep(CHECK_SECONDS)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
