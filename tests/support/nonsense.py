"""A neighbour that answers everything with the same nonsense, and what nonsense there is."""

import json
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.support.canaries import PASSWORD, PROMPT, TEXT

TOLD = ("Traceback", 'File "', "site-packages", ".py", "canary", "/secret/place")
"""What no answer to a bug holds."""


class Nonsense:
    """A neighbour that answers everything with the same."""

    def __init__(self) -> None:
        self.answer = Response()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await self.answer(scope, receive, send)


TRACE = f'Traceback (most recent call last):\n  File "/secret/place.py", line 1\n{PASSWORD}'
NONSENSE: dict[str, Any] = {
    "half an object": (200, "application/json", f'{{"id": "{TEXT}", "na'),
    "another shape": (200, "application/json", f'{{"{TEXT}": ["{PROMPT}"], "id": 1}}'),
    "a list": (200, "application/json", f'["{TEXT}"]'),
    "a page": (200, "text/html", f"<pre>{TRACE}</pre>"),
    "a bug's page": (500, "text/html", f"<pre>{TRACE}</pre>"),
    "a bug's words": (500, "application/json", json.dumps({"detail": TRACE})),
    "nothing": (200, "application/json", ""),
    "a redirect": (302, "text/plain", TRACE),
    "a teapot": (418, "text/plain", TRACE),
    "no text": (200, "application/json", '{"id": "\\ud800", "name": "\\ud800"}'),
}


def said(kind: str) -> Response:
    """An answer of that kind."""
    status, media, body = NONSENSE[kind]
    return Response(body, status, media_type=media)
