"""Rate windows that never open wide: while the common server is away, this process is stricter."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from gateway.rate_windows import Bound, RateWindows, RateWindowsUnavailable, Taken, Used

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSE_SECONDS = 5.0
"""How long an absent server is left alone: each attempt costs a caller time."""


class FailSafeRateWindows:
    """Asks the common server; without it a local count with half of every bound."""

    def __init__(
        self, common: RateWindows, local: RateWindows, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self._common = common
        self._local = local
        self._pause_seconds = pause_seconds
        self._away_until: float | None = None

    async def take(self, bounds: Sequence[Bound], entry_id: str, tokens: int) -> Taken:
        """See RateWindows."""
        return await self._first(
            lambda: self._common.take(bounds, entry_id, tokens),
            lambda: self._local.take(_halved(bounds), entry_id, tokens),
        )

    async def correct(self, subjects: Sequence[str], entry_id: str, tokens: int) -> None:
        """See RateWindows. An entry may be in either place, wherever it was taken."""
        await self._local.correct(subjects, entry_id, tokens)
        await self._first(
            lambda: self._common.correct(subjects, entry_id, tokens), _nothing_to_correct
        )

    async def used(self, bounds: Sequence[Bound]) -> Sequence[Used]:
        """See RateWindows."""
        return await self._first(
            lambda: self._common.used(bounds), lambda: self._local.used(_halved(bounds))
        )

    async def close(self) -> None:
        """See RateWindows."""
        await self._common.close()
        await self._local.close()

    async def _first(
        self, ask: Callable[[], Awaitable[T]], instead: Callable[[], Awaitable[T]]
    ) -> T:
        if self._away_until is not None and time.monotonic() < self._away_until:
            return await instead()
        try:
            answer = await ask()
        except RateWindowsUnavailable:
            if self._away_until is None:
                log.warning("requests are counted by this process alone, at half of each limit")
            self._away_until = time.monotonic() + self._pause_seconds
            return await instead()
        if self._away_until is not None:
            log.warning("requests are counted for all gateways together again")
            self._away_until = None
        return answer


async def _nothing_to_correct() -> None:
    """The local count was corrected already."""


def _halved(bounds: Sequence[Bound]) -> list[Bound]:
    return [
        replace(bound, requests=max(1, bound.requests // 2), tokens=max(1, bound.tokens // 2))
        for bound in bounds
    ]
