"""What an engine did for inference itself: proofs that it generates, counts made by answering."""

import time
from collections.abc import Mapping
from typing import Any

from contracts.engines import Tokens
from contracts.generation import EngineUsage
from inference.adapters.dialects import usage_of


class OwnUse:
    """Sums of it since some moment. The engine's counters have it too, the ledger has not."""

    def __init__(self) -> None:
        self._since = 0.0
        self._sum = Tokens()
        self._lately: list[tuple[float, Tokens]] = []

    def add(self, usage: EngineUsage | None) -> None:
        """One call of ours has ended."""
        if usage is not None:
            used = Tokens(
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
            )
            self._lately.append((time.time(), used))

    def add_answer(self, answer: Mapping[str, Any]) -> None:
        """The same, of an answer in one piece."""
        self.add(usage_of(answer))

    def total(self, since: float) -> Tokens:
        """All of it since then. What lies before is forgotten: the engine began anew."""
        if since != self._since:
            self._since, self._sum = since, Tokens()
        for at, used in self._lately:
            if at >= since:
                self._sum += used
        self._lately.clear()
        return self._sum
