"""Spares a server that keeps failing: after some failures calls are refused at once for a while."""

import time
from collections.abc import Callable

from inference.errors import EngineUnavailable

Clock = Callable[[], float]


class CircuitBreaker:
    """Closed: calls pass. Open: refused. After the pause one call tries; its outcome decides."""

    def __init__(
        self, failures: int = 3, pause_seconds: float = 5, clock: Clock = time.monotonic
    ) -> None:
        self._limit = failures
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        """Calls are refused now."""
        return self._failures >= self._limit and (
            self._is_trying or self._clock() < self._open_until
        )

    def enter(self) -> None:
        """Call before each use. Raises EngineUnavailable."""
        if self.is_open:
            wait = max(1, round(self._open_until - self._clock()))
            raise EngineUnavailable(
                "The engine of this model keeps failing and is left alone for a moment.",
                retry_after_seconds=wait,
            )
        self._is_trying = self._failures >= self._limit

    def succeeded(self) -> None:
        """The engine works."""
        self._failures = 0
        self._is_trying = False

    def failed(self) -> None:
        """The engine failed once more."""
        self._failures += 1
        self._is_trying = False
        self._open_until = self._clock() + self._pause_seconds

    def left(self) -> None:
        """The try ended without an outcome: the reader left, or the request itself was wrong."""
        self._is_trying = False
