"""The one place where the caller of a long answer is looked at again while it goes on.

Signing out, a suspension, a revoked key or another password end every open answer within a few
seconds: streams of turns and completions, downloads, whatever comes. Guests, whose doors are closed
while strangers read, are looked at more often. Plain ASGI around all routes
of the public API, so that a new one cannot forget it; a short answer never notices.
"""

import asyncio
import json
import logging

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import ErrorKind, StoreError
from gateway.accounts.rules import is_publishable, is_visit_token
from gateway.database_problems import DATABASE_FAILURES
from gateway.public_paths import is_public_api
from gateway.signed_in import Doorkeeper, bearer_token
from runtime.problems import envelope, problem

log = logging.getLogger(__name__)

_SHUT_OUT = (ErrorKind.UNAUTHENTICATED, ErrorKind.FORBIDDEN)


class OpenAnswers:
    """Ends answers whose caller has lost their way in."""

    def __init__(
        self, app: ASGIApp, check_seconds: float, guest_check_seconds: float | None = None
    ) -> None:
        self._app = app
        self._check_seconds = check_seconds
        self._guest_check_seconds = guest_check_seconds or check_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = _token_of(scope) if is_public_api(scope) else None
        if token is None:
            await self._app(scope, receive, send)
            return
        is_guest = is_visit_token(token) or is_publishable(token)
        check_seconds = self._guest_check_seconds if is_guest else self._check_seconds
        watch = _Watch(scope, token, send, check_seconds)
        watching = asyncio.get_running_loop().create_task(watch.run(), name="open answer")
        try:
            await self._app(scope, receive, watch.send)
        except asyncio.CancelledError:
            if watch.refusal is None:
                raise
            watch.forgive()
            await watch.end(receive)
        finally:
            watching.cancel()


class _Watch:
    """One answer, and who it is for."""

    def __init__(self, scope: Scope, token: str, send: Send, check_seconds: float) -> None:
        self._scope = scope
        self._token = token
        self._send = send
        self._check_seconds = check_seconds
        self._answering = asyncio.current_task()
        self._media_type: str | None = None
        self._is_over = False
        self.refusal: StoreError | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on, then note how far the answer is.

        Not before: what is called off on its way out, as while a refusal is recorded, was not said.
        """
        await self._send(message)
        if message["type"] == "http.response.start":
            headers = {name.lower(): value for name, value in message["headers"]}
            self._media_type = headers.get(b"content-type", b"").decode("latin-1")
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self._is_over = True

    async def run(self) -> None:
        """Look again and again until the answer ends, or must."""
        doorkeeper: Doorkeeper = self._scope["state"]["provided"][Doorkeeper]
        while not self._is_over:
            await asyncio.sleep(self._check_seconds)
            try:
                await doorkeeper.identify(self._token, even_pending=True)
            except StoreError as error:
                if error.kind in _SHUT_OUT:
                    self._shut_out(error)
                    return
            except DATABASE_FAILURES:
                # Nobody can be shut out while nobody can be looked up: asked again in a moment.
                log.warning("the caller of an open answer could not be looked up")

    def _shut_out(self, refusal: StoreError) -> None:
        """End the answer, unless its last word was said while we looked."""
        if not self._is_over and self._answering is not None:
            self.refusal = refusal
            self._answering.cancel()

    def forgive(self) -> None:
        """The cancellation was ours, and has done its work."""
        if self._answering is not None:
            self._answering.uncancel()

    async def end(self, receive: Receive) -> None:
        """The last words: an answer if there was none yet, an event in a stream of events."""
        if self.refusal is None or self._is_over:
            return
        request_id = self._scope["state"].get("request_id")
        if self._media_type is None:
            await problem(self.refusal, request_id)(self._scope, receive, self._send)
        elif self._media_type.startswith("text/event-stream"):
            words = json.dumps(envelope(self.refusal, request_id).model_dump())
            await self._send(_last(f"event: error\ndata: {words}\n\n".encode()))
        # Of anything else a cut is all the reader can be told: the server closes the connection.


def _last(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": False}


def _token_of(scope: Scope) -> str | None:
    try:
        return bearer_token(Request(scope))
    except StoreError:  # nobody: the route says so
        return None
