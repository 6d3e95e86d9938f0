"""The time, as something a test can set."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def unix_seconds(moment: datetime) -> int:
    """A moment as the API writes it."""
    return int(moment.timestamp())
