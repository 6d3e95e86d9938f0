"""Waiting out a neighbour that is away for a moment, without losing the lease meanwhile."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from contracts.errors import ErrorKind, RemoteError, ServiceUnavailable, StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 8.0

_PASSING = frozenset(
    (ErrorKind.UNAVAILABLE, ErrorKind.TIMED_OUT, ErrorKind.RATE_LIMITED, ErrorKind.INTERNAL)
)


def will_pass(error: StoreError) -> bool:
    """The same call may well succeed later."""
    return isinstance(error, ServiceUnavailable | RemoteError) and error.kind in _PASSING


class Patience:
    """Repeats calls that are safe to repeat. `sleep` is time's own, or a test's."""

    def __init__(self, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._seconds = seconds
        self._sleep = sleep

    def of(self, call: Callable[[], T], beat: Callable[[], None] = lambda: None) -> T:
        """`call`'s answer; a passing error is waited out with growing pauses, `beat` in each."""
        waited, pause = 0.0, FIRST_WAIT_SECONDS
        while True:
            try:
                return call()
            except StoreError as error:
                if not will_pass(error) or waited >= self._seconds:
                    raise
                log.info("waiting for a neighbour: %s", error.message)
            pause_now = min(pause, self._seconds - waited)
            self._sleep(pause_now)
            waited, pause = waited + pause_now, min(pause * 2, LONGEST_WAIT_SECONDS)
            beat()
