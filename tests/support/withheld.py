"""A gateway that leaves out one value of its answers, as every optional value once is left out.

gateway = Withheld(standin_app(standin))      # serve it
gateway.heard                                 # (path, name) of each value that was answered so far
gateway.withhold("/v1/me", "name")            # that one is null from now on
"""

import json
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Withheld:
    """Wraps the stand-in; what is no JSON passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._withheld: tuple[str, str] | None = None
        self.heard: set[tuple[str, str]] = set()

    def withhold(self, path: str, name: str) -> None:
        """Say null for this value, wherever it stands in the answer."""
        self._withheld = (path, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        starts: list[Message] = []
        pieces: list[bytes] = []

        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_json = MutableHeaders(scope=message).get("content-type") == "application/json"
                if scope["method"] == "GET" and is_json:
                    starts.append(message)
                    return
            if not starts:
                await send(message)
                return
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                said = json.dumps(self._without(json.loads(b"".join(pieces)), scope["path"]))
                MutableHeaders(scope=starts[0])["content-length"] = str(len(said))
                await send(starts[0])
                await send({"type": "http.response.body", "body": said.encode()})

        await self._app(scope, receive, changed)

    def _without(self, value: Any, path: str) -> Any:
        if isinstance(value, list):
            return [self._without(each, path) for each in value]
        if not isinstance(value, dict):
            return value
        self.heard |= {(path, name) for name in value}
        return {
            name: None if (path, name) == self._withheld else self._without(each, path)
            for name, each in value.items()
        }
