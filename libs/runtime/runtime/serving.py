"""Serving an app until a signal, and ending in order: exit status 0, open answers finished."""

import asyncio
import gc
import math
import socket
import sys
from dataclasses import dataclass
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.crumbs import NoCrumbs
from runtime.settings import SharedSettings
from runtime.starting import CannotStart, refuse
from runtime.stopping import Stopping
from runtime.telemetry import close_traces, configure_traces

# For the last words of answers that were ended, after their time was up.
LAST_WORDS_SECONDS = 1


@dataclass(frozen=True)
class Door:
    """Where a process listens."""

    host: str
    port: int


def serve(service: str, app: FastAPI, door: Door, shared: SharedSettings) -> None:
    """Run the app until SIGTERM or SIGINT; a second one ends it at once."""
    try:
        listener = listening(door)
    except CannotStart as reason:
        refuse(service, str(reason))
    configure_traces(service, shared.otlp_url, shared.otlp_share)
    wrapped = _Quiet(app)
    config = uvicorn.Config(
        wrapped,
        http=NoCrumbs,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `ClientAddress` believes only whom the settings name
        timeout_graceful_shutdown=math.ceil(shared.stop_seconds) + LAST_WORDS_SECONDS,
    )
    try:
        _Server(config, app, shared.stop_seconds).run(sockets=[listener])
    except SystemExit:
        if wrapped.reason is None:
            raise
        refuse(service, wrapped.reason)
    finally:
        close_traces()


class _Server(uvicorn.Server):
    """uvicorn with our way of ending. It would re-raise the signal, and the status be 143."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, stop_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._stop_seconds = stop_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        # What was made to start stays. The collector would look through it again and again while
        # requests make objects, and the loop stand still for tenths of a second each time.
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del sig, frame
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        stopping = getattr(self._app.state, "stopping", None)
        if self._loop is not None and isinstance(stopping, Stopping):
            self._loop.call_soon_threadsafe(stopping.begin, self._stop_seconds)


class _Quiet:
    """Lets a known reason not to start pass without a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.reason: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_quietly(message: Message) -> None:
            why = sys.exception()
            if isinstance(why, CannotStart) and message["type"] == "lifespan.startup.failed":
                self.reason = str(why)
                message = {**message, "message": ""}
            await send(message)

        await self._app(scope, receive, send_quietly)


def listening(door: Door) -> socket.socket:
    """A bound socket whose connections send each answer at once.

    asyncio switches Nagle's waiting off only on sockets that say they are TCP. With `proto=0` every
    answer of two writes on a kept connection waits 40 ms for the other side's delayed ACK.
    Raises `CannotStart`.
    """
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((door.host, door.port))
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"{door.host}:{door.port} cannot be listened on ({error.strerror})"
        ) from None
    return listener
