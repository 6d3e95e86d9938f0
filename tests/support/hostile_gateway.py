"""A gateway whose every free text is hostile: names, titles, quotes, errors, whatever a page shows.

    texts = HostileTexts(standin_app(standin))   # serve it as the gateway
    texts.say("<script>…")                       # every free text from now on

What is structure (ids, states, numbers) stays, so that the pages go on working. A field that the
contracts get tomorrow is free text here until somebody says otherwise.
"""

import json
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STRUCTURE = frozenset((
    "object", "status", "stage", "type", "code", "power", "role", "visibility", "currency", "cost",
    "grounding_mode",
    "slug", "scopes", "token", "key", "prefix", "parent_id", "sign_up", "purpose", "flags", "kind",
    "model", "data_source", "link", "can", "action", "outcome", "rights", "right", "time_zone",
    "version", "mail", "occasion", "powers", "reason", "prompt_cost",
    "value", "before", "series", "month", "so_far", "likely", "low", "high", "zone", "day", "night",
    "input_per_million", "cached_input_per_million", "output_per_million", "amount", "spent",
    "held", "remaining", "period", "subject", "state", "verdict", "note", "scope", "as_of", "step",
    "source", "use", "category", "answer_language", "strictness", "default", "USD",
    "after", "rating", "handle", "hash", "avatar", "assistant_avatar", "problem", "accent",
    "sort", "input", "output",
))  # fmt: skip


class HostileTexts:
    """Wraps the stand-in; answers in JSON come out with other words in them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._words: str | None = None

    def say(self, words: str | None) -> None:
        """Put these words into every free text; None: leave all as it is."""
        self._words = words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._words is None:
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def changed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                if not _is_json(message):
                    await send(message)
                return
            assert start is not None
            if not _is_json(start):
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                said = json.dumps(self._with_words(json.loads(body), "")).encode()
                MutableHeaders(scope=start)["content-length"] = str(len(said))
                await send(start)
                await send({"type": "http.response.body", "body": said})

        await self._app(scope, receive, changed)

    def _with_words(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: self._with_words(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._with_words(each, name) for each in value]
        is_free = isinstance(value, str) and name not in _STRUCTURE
        if is_free and name != "id" and not name.endswith(("_id", "_ids")):
            return f"{value} {self._words}" if name in ("content", "text") else self._words
        return value


def _is_json(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("application/json")
