"""`Idempotency-Key` on every POST of the public API: the same request is done once.

Plain ASGI, inside the body limit: an upload is hashed while it streams through, an answer is
recorded while it is sent, and neither is held back.
"""

import logging
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import StoreError
from gateway.database_problems import DATABASE_FAILURES, database_unavailable
from gateway.idempotency.errors import IdempotencyKeyReused
from gateway.idempotency.repository import Claim
from gateway.idempotency.rules import KeptAnswer, Seal, worth_keeping
from gateway.idempotency.service import IdempotencyService, Kept
from gateway.public_paths import is_public_api
from gateway.request_fingerprint import RequestFingerprint
from gateway.signed_in import Doorkeeper, bearer_token, identified
from runtime.problems import problem

log = logging.getLogger(__name__)

_REST_BYTES = 1 << 20
"""How much of a request its route did not read is read for the fingerprint's sake."""


@dataclass(frozen=True)
class Entry:
    """A request that is now to be answered, under its key."""

    service: IdempotencyService
    claim: Claim
    seal: Seal

    async def keep(self, fingerprint: str, answer: KeptAnswer) -> None:
        """Keep the answer, before the reader has all of it."""
        try:
            await self.service.keep(self.claim, self.seal, fingerprint, answer)
        except DATABASE_FAILURES:
            # What was asked for is done: the caller hears so, though a repeat would run again.
            log.exception("an answer was not kept")

    async def give_up(self) -> None:
        """Free the key, before the reader has all of an answer that is not worth keeping."""
        try:
            await self.service.give_up(self.claim)
        except DATABASE_FAILURES:
            log.exception("an idempotency key was not given up")


class IdempotentPosts:
    """Claims the key, lets the app answer, keeps what it said; or says again what was kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key_of(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        heard = HeardRequest(scope, receive)
        found = await _found(key, scope, heard)
        if isinstance(found, Response):
            await found(scope, receive, send)
        elif found is None:
            await self._app(scope, receive, send)
        else:
            told = ToldAnswer(send, heard, found)
            async with found.service.answering(found.claim):
                await self._app(scope, heard.receive, told.send)


def _key_of(scope: Scope) -> str | None:
    is_covered = is_public_api(scope) and scope["method"] == "POST"
    return Headers(scope=scope).get("idempotency-key") if is_covered else None


async def _found(key: str, scope: Scope, heard: "HeardRequest") -> Entry | Response | None:
    """An entry to be answered, or an answer. None: nobody we know asks, as the route will say."""
    request_id = scope["state"].get("request_id")
    try:
        if not await _is_known(scope):
            return None
        service: IdempotencyService = scope["state"]["provided"][IdempotencyService]
        seal = Seal(bearer_token(Request(scope)), key)
        begun = await service.begin(seal)
        if isinstance(begun, Kept):
            return await _replayed(begun, heard)
        return Entry(service, begun, seal)
    except StoreError as error:
        return problem(error, request_id)
    except DATABASE_FAILURES:
        log.exception("an idempotency key could not be looked up")
        return problem(database_unavailable(), request_id)


async def _is_known(scope: Scope) -> bool:
    doorkeeper: Doorkeeper = scope["state"]["provided"][Doorkeeper]
    try:
        await identified(Request(scope), doorkeeper)
    except StoreError:
        return False
    return True


async def _replayed(kept: Kept, heard: "HeardRequest") -> Response:
    """The answer once more. Raises IdempotencyKeyReused."""
    await heard.hear_out(None)
    if not heard.is_whole or heard.fingerprint() != kept.fingerprint:
        raise IdempotencyKeyReused(
            "This Idempotency-Key came before with another request.", param="Idempotency-Key"
        )
    headers = {**dict(kept.answer.headers), "idempotent-replayed": "true"}
    return Response(kept.answer.body, kept.answer.status, headers)


class HeardRequest:
    """The request's body on its way to the app, and its fingerprint."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._fingerprint = RequestFingerprint(scope)
        self.is_whole = False

    async def receive(self) -> Message:
        """The next message, as the app asks for it."""
        message = await self._receive()
        if message["type"] == "http.request" and not self.is_whole:
            self._fingerprint.feed(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        return message

    async def hear_out(self, most_bytes: int | None) -> None:
        """Read what nobody read, up to a bound (None: the path's own limit)."""
        seen = 0
        while not self.is_whole and (most_bytes is None or seen <= most_bytes):
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return
            seen += len(message.get("body", b""))

    def fingerprint(self) -> str:
        """What makes the request the same as another."""
        return self._fingerprint.hexdigest()


class ToldAnswer:
    """The app's answer on its way to the reader, recorded up to a bound."""

    def __init__(self, send: Send, heard: HeardRequest, entry: Entry) -> None:
        self._send = send
        self._heard = heard
        self._entry = entry
        self._most_bytes = entry.service.answer_bytes
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """Pass a message on. The last one waits until the answer is kept, or its key free."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = dict(Headers(raw=message["headers"]).items())
            await self._hear_rest()
        elif message["type"] == "http.response.body":
            await self._record(message)
        await self._send(message)

    async def _record(self, message: Message) -> None:
        # One byte over the bound is enough to know that the rest will not be kept.
        room = self._most_bytes + 1 - len(self._body)
        self._body += message.get("body", b"")[:room]
        if message.get("more_body", False):
            return
        answer = KeptAnswer(self._status, worth_keeping(self._headers), bytes(self._body))
        if answer.is_final and self._heard.is_whole and len(answer.body) <= self._most_bytes:
            await self._entry.keep(self._heard.fingerprint(), answer)
        else:
            await self._entry.give_up()

    async def _hear_rest(self) -> None:
        try:
            await self._heard.hear_out(_REST_BYTES)
        except StoreError:
            log.info("a request under a key was too large to be heard out")
