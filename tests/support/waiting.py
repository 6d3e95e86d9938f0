"""Waiting for a condition with a deadline, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSE_SECONDS = 0.02
_BUSY = 4
"""A deadline says how long a quiet machine may take; a busy one gets so many times as long."""


def wait_until(condition: Callable[[], T], *, seconds: float, what: str) -> T:
    """The first true value of `condition`. Fails naming `what` after `seconds`, or longer."""
    deadline = time.monotonic() + seconds * _BUSY
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds * _BUSY} s for {what}")
        time.sleep(_PAUSE_SECONDS)
    return value


async def eventually(condition: Callable[[], Awaitable[T]], *, seconds: float, what: str) -> T:
    """The same for asynchronous conditions."""
    deadline = time.monotonic() + seconds * _BUSY
    while not (value := await condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds * _BUSY} s for {what}")
        await asyncio.sleep(_PAUSE_SECONDS)
    return value
