"""The port between inference and whatever runs a model."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from contracts.generation import CountResult, GenerationChunk, GenerationRequest, PromptMessage


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

    async def close(self) -> None:
        """Let go of processes and connections."""
        ...
