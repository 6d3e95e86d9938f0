"""The port between inference and whatever runs a model."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.engines import Tokens
from contracts.generation import CountResult, GenerationChunk, GenerationRequest, PromptMessage


@dataclass(frozen=True)
class EngineCount:
    """What an engine has counted since it began to count, and what of it was for our own sake.

    boot: another one means that counting began anew. since: when that was, in Unix seconds.
    counts_cached: when False, `counted` leaves out what came out of a cache.
    """

    boot: str
    since: float
    counted: Tokens
    own: Tokens
    counts_cached: bool = True


class Engine(Protocol):
    """Runs one model. All texts it is given are harmless already (`generation.rules`).

    id: names the engine in logs, health and usage. slots: how many answers it makes side by side.
    window_tokens: what one slot holds, prompt and answer together.
    """

    @property
    def id(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def window_tokens(self) -> int: ...

    @property
    def slots(self) -> int: ...

    @property
    def is_up(self) -> bool:
        """Known to be down when False; True is only proved by `self_test`."""
        ...

    def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationChunk, None]:
        """Stream an answer; closing the generator aborts the engine at once.

        Every chunk with text carries the running usage, the last one a reason and the final
        usage. Refusals are raised before the first chunk.
        """
        ...

    async def count(self, texts: Sequence[str], messages: Sequence[PromptMessage]) -> CountResult:
        """The engine's own counts: each text, and the messages with their template."""
        ...

    async def self_test(self) -> None:
        """Generate one token. Raises StoreError when that fails."""
        ...

    async def counters(self) -> EngineCount:
        """The engine's own counters. Raises StoreError when it has none, or does not answer."""
        ...

    async def close(self) -> None:
        """Let go of processes and connections."""
        ...
