"""What every answer of the public API says in its headers beside its id and its time."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.caller import Caller
from gateway.public_paths import is_public_api
from gateway.quotas.rules import header_lines
from gateway.quotas.service import QuotaService

API_VERSION = "2020-10-01"
"""The version of OpenAI's REST shapes that ours follow; there has been no other."""


class ApiHeaders:
    """Adds `openai-version`, and the caller's rate limits as they are when the answer begins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_public_api(scope):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["openai-version"] = API_VERSION
                # Whoever was not let in is told no numbers.
                caller = scope["state"].get("caller")
                if isinstance(caller, Caller):
                    quotas: QuotaService = scope["state"]["provided"][QuotaService]
                    headers.update(header_lines(await quotas.standing(caller)))
            await send(message)

        await self._app(scope, receive, send_with_headers)
