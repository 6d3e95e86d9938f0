"""Counts wrong guesses before they are checked, and takes right ones back."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from contracts.ids import new_id
from gateway.guessing.errors import TooManyAttempts
from gateway.guessing.rules import Attempt, bounds_of, letter_bounds, sign_up_bounds, visit_bounds
from gateway.metrics import GUESSES_REFUSED
from gateway.rate_windows import Bound, RateWindows
from gateway.settings import GuessLimits


class Guesses:
    """Guards every door that opens to a password or a code."""

    def __init__(self, windows: RateWindows, limits: GuessLimits) -> None:
        self._windows = windows
        self._limits = limits

    @asynccontextmanager
    async def attempt(self, attempt: Attempt) -> AsyncIterator[None]:
        """Count a guess; when the block ends well it was none. Raises TooManyAttempts.

        Counted beforehand: a thousand at once are not more than a thousand in a row.
        """
        bounds = bounds_of(attempt, self._limits)
        taken = await self._take(attempt.what, bounds)
        yield
        await self._windows.correct([bound.subject for bound in bounds], taken, 0)

    async def letter(self, address: str, email: str) -> None:
        """Count a letter that somebody asks for, whether or not one is sent."""
        await self._take("letter", letter_bounds(address, email, self._limits))

    async def sign_up(self, address: str) -> None:
        """Count a new account that is asked for."""
        await self._take("sign-up", sign_up_bounds(address, self._limits))

    async def visit(self, address: str) -> None:
        """Count a guest who comes in."""
        await self._take("visit", visit_bounds(address, self._limits))

    async def _take(self, what: str, bounds: Sequence[Bound]) -> str:
        entry_id = new_id("try_")
        taken = await self._windows.take(bounds, entry_id, 1)
        if taken.wait_seconds is None:
            return entry_id
        GUESSES_REFUSED.labels(what).inc()
        wait_seconds = max(1, math.ceil(taken.wait_seconds))
        raise TooManyAttempts(
            f"Too many attempts. Try again in {wait_seconds} s.",
            retry_after_seconds=wait_seconds,
        )
