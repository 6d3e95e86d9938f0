"""How long the steps of an answer took."""

import time
from collections.abc import Callable, Mapping

from contracts.conversations import StepTaken


class StepTimes:
    """Notes when each step begins; one ends where the next begins.

    seconds: a clock that never goes back.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._begun: list[tuple[str, Mapping[str, int], float]] = []

    def begin(self, step: str, detail: Mapping[str, int]) -> None:
        """A step begins now, unless it is the one that goes on."""
        if self._begun and self._begun[-1][0] == step:
            return
        self._begun.append((step, detail, self._seconds()))

    def taken(self) -> list[StepTaken]:
        """The steps so far; the last one ends now."""
        ends = [*(began for _, _, began in self._begun[1:]), self._seconds()]
        return [
            StepTaken.model_validate(
                {"step": step, "detail": detail, "ms": round((end - began) * 1000)}
            )
            for (step, detail, began), end in zip(self._begun, ends, strict=False)
        ]
