"""A pool child that is told to end in the middle of a document gives it back, and says so."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class HandedBack(BaseException):
    """The worker is being stopped. No Exception: nothing on the way may take it for a failure."""


@contextmanager
def working() -> Iterator[None]:
    """Inside, SIGTERM raises HandedBack; between two tasks Celery's own handler ends the child."""
    before = signal.signal(signal.SIGTERM, _hand_back)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _hand_back(number: int, frame: FrameType | None) -> None:
    del number, frame
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # Celery says it twice; the report must go out
    raise HandedBack
