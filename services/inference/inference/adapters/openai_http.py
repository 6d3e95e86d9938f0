"""HTTP to an OpenAI-style server: events with bounded waits, failures turned into facts."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import httpx2

from contracts.clients.lines import LineTooLong
from inference.adapters.dialects import Dialect
from inference.adapters.openai_lines import TooLong, data_of, whole_of
from inference.errors import EngineBusy, EngineFailed, EngineUnavailable
from inference.settings import TimeLimits

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2
CHAT_PATH = "/v1/chat/completions"
_DONE = "[DONE]"
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}\Z")


class Refusal(Exception):
    """The server answered 4xx. `detail` decides; logs get its name, callers get words of ours."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {name_of(detail)}")
        self.status = status
        self.detail = detail


class OpenAiHttp:
    """One server. `address` is asked at each call: a restarted child may have moved."""

    def __init__(
        self,
        engine_id: str,
        address: Callable[[], str],
        limits: TimeLimits,
        api_key: str | None,
        dialect: Dialect,
    ) -> None:
        self._engine_id = engine_id
        self._address = address
        self._limits = limits
        self._busy_words = dialect.busy_words
        self._http = httpx2.AsyncClient(
            headers={} if api_key is None else {"authorization": f"Bearer {api_key}"},
            timeout=httpx2.Timeout(None, connect=limits.connect_seconds),
            limits=httpx2.Limits(
                max_connections=None, max_keepalive_connections=dialect.kept_connections
            ),
            trust_env=False,  # an engine is a neighbour: a proxy of the environment is not for it
        )

    async def events(
        self, path: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The data of each server-sent event, until `[DONE]`. Raises Refusal and StoreErrors."""
        response = await self._opened("POST", path, body)
        try:
            async with aclosing(data_of(response)) as lines:
                limit_seconds = self._limits.first_token_seconds
                while (data := await self._next(lines, limit_seconds)) != _DONE:
                    yield self._parsed(data)
                    limit_seconds = self._limits.between_tokens_seconds
        finally:
            # Closing the connection is what tells the server to stop.
            await response.aclose()

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A call with one JSON answer."""
        return await self._answer("POST", path, body)

    async def get(self, path: str) -> dict[str, Any]:
        """The same without a body."""
        return await self._answer("GET", path, None)

    async def _answer(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        response = await self._opened(method, path, body)
        try:
            return self._parsed((await self._read(response)).decode(errors="replace"))
        finally:
            await response.aclose()

    async def page(self, path: str) -> str:
        """A page of text, such as metrics."""
        response = await self._opened("GET", path, None)
        try:
            return (await self._read(response)).decode(errors="replace")
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _opened(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> httpx2.Response:
        request = self._http.build_request(method, self._address() + path, json=body)
        try:
            # Some servers send no headers before the first token is there.
            async with asyncio.timeout(self._limits.first_token_seconds):
                response = await self._http.send(request, stream=True)
        except TimeoutError:
            raise self._failed("gave no first token in time") from None
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            raise self._unavailable() from None
        except httpx2.HTTPError as error:
            raise self._failed(type(error).__name__) from error
        if not response.is_success:
            await self._refused(response)
        return response

    async def _refused(self, response: httpx2.Response) -> None:
        try:
            detail = (await self._read(response)).decode(errors="replace")[:2_000]
        finally:
            await response.aclose()
        if response.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
            raise self._busy() if self._is_busy(detail) else self._unavailable()
        if response.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
            status, name = response.status_code, name_of(detail)
            log.warning("engine %s answered %d: %s", self._engine_id, status, name)
            raise self._failed(f"answered {response.status_code}")
        raise Refusal(response.status_code, detail)

    async def _read(self, response: httpx2.Response) -> bytes:
        try:
            async with asyncio.timeout(self._limits.first_token_seconds):
                return await whole_of(response)
        except TimeoutError:
            raise self._failed("gave no answer in time") from None
        except TooLong:
            raise self._failed("answered more than is ever needed") from None
        except httpx2.HTTPError as error:
            raise self._failed(type(error).__name__) from error

    async def _next(self, lines: AsyncGenerator[str, None], limit_seconds: float) -> str:
        try:
            async with asyncio.timeout(limit_seconds):
                return await anext(lines)
        except TimeoutError:
            raise self._failed("stalled") from None
        except StopAsyncIteration:
            raise self._failed("ended without [DONE]") from None
        except LineTooLong:
            raise self._failed("sent a line that is too long") from None
        except httpx2.HTTPError as error:
            raise self._failed(type(error).__name__) from error

    def _parsed(self, data: str) -> dict[str, Any]:
        try:
            parsed = json.loads(data)
        except (ValueError, RecursionError):
            raise self._failed("did not answer in JSON") from None
        if not isinstance(parsed, dict) or "error" in parsed:
            if self._is_busy(data):  # vLLM may notice only when the stream has begun
                raise self._busy()
            log.warning("engine %s broke off: %s", self._engine_id, name_of(data))
            raise self._failed("reported an error")
        return parsed

    def _failed(self, what: str) -> EngineFailed:
        log.warning("engine %s: %s", self._engine_id, what)
        return EngineFailed(
            "The engine broke off its answer.", retry_after_seconds=RETRY_AFTER_SECONDS
        )

    def _is_busy(self, detail: str) -> bool:
        return any(words in detail for words in self._busy_words)

    def _busy(self) -> EngineBusy:
        return EngineBusy(
            "The engine of this model is full. Please try again in a moment.",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )

    def _unavailable(self) -> EngineUnavailable:
        return EngineUnavailable(
            "The engine of this model is not running.", retry_after_seconds=RETRY_AFTER_SECONDS
        )


def name_of(detail: str) -> str:
    """Type and code of an engine's error. Its words may quote the prompt: no log has them."""
    try:
        error = json.loads(detail)
    except (ValueError, RecursionError):
        error = None
    inner = error.get("error", error) if isinstance(error, dict) else None
    parts = [inner.get(part) for part in ("type", "code")] if isinstance(inner, dict) else []
    return (
        " ".join(str(part) for part in parts if _NAME.match(str(part or "-"))) or "no name for it"
    )
