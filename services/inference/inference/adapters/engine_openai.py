"""The engine port on any OpenAI-style server; this is how vLLM is reached."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from contracts.generation import CountResult, GenerationChunk, GenerationRequest, PromptMessage
from inference.adapters.circuit_breaker import CircuitBreaker
from inference.adapters.counter_baseline import Baseline
from inference.adapters.dialects import DIALECTS
from inference.adapters.openai_client import OpenAiClient
from inference.adapters.openai_http import OpenAiHttp
from inference.adapters.openai_models import check_served
from inference.errors import EngineFailed, EngineUnavailable
from inference.ports import EngineCount
from inference.settings import OpenAiSettings, TimeLimits


class OpenAiEngine:
    """A server somebody else runs. A breaker keeps callers from waiting for a dead one."""

    def __init__(self, settings: OpenAiSettings, limits: TimeLimits) -> None:
        self.id = f"openai:{settings.model}"
        self.model = settings.model
        self.window_tokens = settings.window_tokens
        self.slots = settings.slots
        root = str(settings.url).rstrip("/").removesuffix("/v1")
        dialect = DIALECTS[settings.dialect]
        self._settings = settings
        self._http = OpenAiHttp(self.id, lambda: root, limits, settings.api_key(), dialect)
        self._client = OpenAiClient(
            self.id,
            self._http,
            dialect,
            settings.served_name or settings.model,
            settings.window_tokens,
        )
        self._breaker = CircuitBreaker()
        self._baseline = Baseline(self._client)

    @property
    def is_up(self) -> bool:
        """The server is somebody else's process: only the self-test can tell."""
        return True

    @property
    def is_left_alone(self) -> bool:
        """The server kept failing, and calls are refused for a moment."""
        return self._breaker.is_open

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationChunk, None]:
        """Stream an answer; closing the generator closes the connection, which aborts."""
        self._breaker.enter()
        try:
            await self._baseline.take()
            async with aclosing(self._client.chat(request, {})) as chunks:
                async for chunk in chunks:
                    self._breaker.succeeded()
                    yield chunk
        except (EngineFailed, EngineUnavailable):
            self._breaker.failed()
            raise
        finally:
            self._breaker.left()

    async def count(self, texts: Sequence[str], messages: Sequence[PromptMessage]) -> CountResult:
        """The server's own counts."""
        return await self._client.count(texts, messages)

    async def check_served(self) -> None:
        """Raises NotServedThere when the server is not the one that the settings describe."""
        await check_served(self._http, self._settings)

    async def self_test(self) -> None:
        """Generate one token, past the breaker: a success closes it."""
        try:
            await self.check_served()
        except EngineUnavailable:
            raise EngineUnavailable(
                f"no engine of {self.model} answers at {self._settings.url} yet"
            ) from None
        await self._baseline.take()
        await self._client.self_test({})
        self._breaker.succeeded()

    async def counters(self) -> EngineCount:
        """The server's own counters since we first called it, or since it started after that."""
        return await self._baseline.count()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()
