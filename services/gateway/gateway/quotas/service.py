"""Counts model calls against the limits a minute, before anything is generated."""

import math

from gateway.caller import Caller
from gateway.quotas.errors import RateLimitExceeded
from gateway.quotas.rules import Standing, bounds_of, standing_of
from gateway.rate_windows import RateWindows
from gateway.settings import RateLimits


class QuotaService:
    """Takes an estimate when a call begins, and corrects it when the engine has counted."""

    def __init__(self, windows: RateWindows, limits: RateLimits) -> None:
        self._windows = windows
        self._limits = limits

    async def reserve(self, caller: Caller, call_id: str, tokens: int) -> None:
        """Count a call that may use so many tokens. Raises RateLimitExceeded."""
        bounds = bounds_of(caller, self._limits)
        taken = await self._windows.take(bounds, call_id, tokens)
        if taken.wait_seconds is None:
            return
        standing = standing_of(bounds, taken.used)
        what = "tokens" if standing.requests.remaining else "requests"
        limit = standing.tokens.limit if standing.requests.remaining else standing.requests.limit
        wait_seconds = math.ceil(taken.wait_seconds)
        raise RateLimitExceeded(
            f"This call is over the limit of {limit} {what} a minute. "
            f"Try again in {wait_seconds} s.",
            retry_after_seconds=wait_seconds,
        )

    async def correct(self, caller: Caller, call_id: str, tokens: int) -> None:
        """A call has ended, having used so many tokens."""
        subjects = [bound.subject for bound in bounds_of(caller, self._limits)]
        await self._windows.correct(subjects, call_id, tokens)

    async def standing(self, caller: Caller) -> Standing:
        """What the caller has left now."""
        bounds = bounds_of(caller, self._limits)
        return standing_of(bounds, await self._windows.used(bounds))
