"""Rate windows in this process: for one gateway alone, and while the common server is away."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.rate_windows import Bound, Taken, Used

WINDOW_SECONDS = 60.0
_MOST_SUBJECTS = 10_000


@dataclass
class _Window:
    """The entries of one subject, oldest first: id -> (moment, tokens)."""

    entries: dict[str, tuple[float, int]] = field(default_factory=dict)

    def forget(self, before: float) -> None:
        while self.entries:
            oldest = next(iter(self.entries))
            if self.entries[oldest][0] > before:
                return
            del self.entries[oldest]

    @property
    def tokens(self) -> int:
        return sum(tokens for _, tokens in self.entries.values())


class MemoryRateWindows:
    """Counts with the process's own clock."""

    def __init__(
        self,
        window_seconds: float = WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window_seconds = window_seconds
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    async def take(self, bounds: Sequence[Bound], entry_id: str, tokens: int) -> Taken:
        """See RateWindows."""
        now = self._clock()
        waits = [self._wait(bound, min(tokens, bound.tokens), now) for bound in bounds]
        wait_seconds = max(waits, default=0.0)
        if wait_seconds > 0:
            return Taken([self._used(bound, now) for bound in bounds], wait_seconds)
        for bound in bounds:
            entry = (now, min(tokens, bound.tokens))
            self._windows.setdefault(bound.subject, _Window()).entries[entry_id] = entry
        return Taken([self._used(bound, now) for bound in bounds], None)

    async def correct(self, subjects: Sequence[str], entry_id: str, tokens: int) -> None:
        """See RateWindows."""
        for subject in subjects:
            window = self._windows.get(subject)
            if window is not None and entry_id in window.entries:
                window.entries[entry_id] = (window.entries[entry_id][0], tokens)

    async def used(self, bounds: Sequence[Bound]) -> Sequence[Used]:
        """See RateWindows."""
        now = self._clock()
        return [self._used(bound, now) for bound in bounds]

    async def close(self) -> None:
        """Nothing is held."""

    def _current(self, subject: str, now: float) -> _Window:
        if len(self._windows) > _MOST_SUBJECTS:
            self._forget_the_idle(now)
        window = self._windows.get(subject, _Window())
        window.forget(now - self._window_seconds)
        return window

    def _forget_the_idle(self, now: float) -> None:
        for window in self._windows.values():
            window.forget(now - self._window_seconds)
        self._windows = {name: each for name, each in self._windows.items() if each.entries}

    def _wait(self, bound: Bound, tokens: int, now: float) -> float:
        """How long until the request fits: so many of the oldest entries must leave."""
        window = self._current(bound.subject, now)
        requests, used = len(window.entries), window.tokens
        wait_seconds = 0.0
        for moment, freed in window.entries.values():
            if requests < bound.requests and used + tokens <= bound.tokens:
                break
            requests, used = requests - 1, used - freed
            wait_seconds = moment + self._window_seconds - now
        return wait_seconds

    def _used(self, bound: Bound, now: float) -> Used:
        entries = self._current(bound.subject, now).entries
        if not entries:
            return Used(0, 0, 0.0)
        newest = next(reversed(entries.values()))[0]
        tokens = sum(tokens for _, tokens in entries.values())
        return Used(len(entries), tokens, newest + self._window_seconds - now)
