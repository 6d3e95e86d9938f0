"""HTTP/1.1 as uvicorn speaks it, but not in crumbs: a chunk of one byte costs as much as any.

A quarter of a megabyte is read at once, and every chunk in it is an event of its own: in chunks of
one byte it would stop the loop for seconds, before any route or limit sees the request.
"""

import asyncio
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

FREE_CHUNKS = 1_000
"""A body may have so many chunks of whatever size."""
CHUNK_BYTES = 64
"""With more of them, what they must hold on average."""


class _Whole(h11.Connection):
    """Counts the chunks of each request."""

    _chunks = 0
    _body_bytes = 0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._chunks = self._body_bytes = 0
        elif isinstance(event, h11.Data):
            self._chunks += event.chunk_start
            self._body_bytes += len(event.data)
            if self._chunks > FREE_CHUNKS and self._body_bytes < self._chunks * CHUNK_BYTES:
                raise h11.RemoteProtocolError("the chunks of the body are too small")
        return event


class NoCrumbs(H11Protocol):
    """Refuses a body in many tiny chunks, and hangs up."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _Whole(h11.SERVER)

    def send_400_response(self, msg: str) -> None:
        # Once an answer was begun, h11 would refuse another with an error of its own.
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()
