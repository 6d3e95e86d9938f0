"""The engine port on llama.cpp, run as a child of this process."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from contracts.generation import CountResult, GenerationChunk, GenerationRequest, PromptMessage
from inference.adapters.dialects import LLAMACPP
from inference.adapters.llamacpp_process import LlamaCppProcess
from inference.adapters.llamacpp_slots import SlotTable, TakenSlot
from inference.adapters.openai_client import SELF_TEST, OpenAiClient
from inference.adapters.openai_http import OpenAiHttp
from inference.errors import EngineUnavailable
from inference.ports import EngineCount
from inference.settings import LlamaCppSettings, TimeLimits


class LlamaCppEngine:
    """A GGUF model on this machine. Nothing runs before `start`."""

    def __init__(self, settings: LlamaCppSettings, limits: TimeLimits) -> None:
        self.id = f"llamacpp:{settings.model}"
        self.model = settings.model
        self.window_tokens = settings.window_tokens
        self.slots = settings.slots
        self._slot_table = SlotTable(settings.slots)
        self.process = LlamaCppProcess(settings, on_start=self._slot_table.forget)
        self._client = OpenAiClient(
            self.id,
            OpenAiHttp(
                self.id,
                self.process.address,
                limits,
                self.process.api_key,
                LLAMACPP,
            ),
            LLAMACPP,
            settings.model,
            settings.window_tokens,
        )

    @property
    def is_up(self) -> bool:
        """The child runs and has loaded the model."""
        return self.process.is_up

    def start(self) -> None:
        """Start the child. It is up some seconds later."""
        self.process.start()

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationChunk, None]:
        """Stream an answer; closing the generator makes the child stop after its batch."""
        with self._slot_table.take(request.cache_salt, request.messages) as slot:
            async with aclosing(self._client.chat(request, _fields(slot))) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def count(self, texts: Sequence[str], messages: Sequence[PromptMessage]) -> CountResult:
        """llama.cpp's own counts."""
        return await self._client.count(texts, messages)

    async def self_test(self) -> None:
        """Generate one token."""
        with self._slot_table.take(SELF_TEST.cache_salt, SELF_TEST.messages) as slot:
            await self._client.self_test(_fields(slot))

    async def counters(self) -> EngineCount:
        """The child's own counters; a new child begins at zero."""
        pid, since = self.process.pid, self.process.ready_at
        page = await self._client.metrics()
        if pid != self.process.pid:
            raise EngineUnavailable("The engine of this model has just started anew.")
        return EngineCount(
            boot=f"{pid}-{since:.3f}",
            since=since,
            counted=page.counted,
            own=self._client.own.total(since),
            counts_cached=page.counts_cached,
        )

    async def close(self) -> None:
        """Close connections, kill the child."""
        await self._client.close()
        await self.process.close()


def _fields(slot: TakenSlot) -> dict[str, int | bool]:
    return {"id_slot": slot.number, "cache_prompt": slot.may_reuse}
