"""The port that counts requests and tokens of the last minute, for all gateways together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.errors import ErrorKind, StoreError


class RateWindowsUnavailable(StoreError):
    """The server that counts does not answer."""

    kind = ErrorKind.UNAVAILABLE
    code = "rate_windows_unavailable"


@dataclass(frozen=True)
class Bound:
    """How much somebody may ask for within one window."""

    subject: str
    requests: int
    tokens: int


@dataclass(frozen=True)
class Used:
    """What counts against a bound now, and when the last of it will no longer."""

    requests: int
    tokens: int
    reset_seconds: float


@dataclass(frozen=True)
class Taken:
    """The state after asking. wait_seconds: nothing was taken, and when it could be."""

    used: Sequence[Used]
    wait_seconds: float | None


class RateWindows(Protocol):
    """Moving windows. Every call may raise RateWindowsUnavailable."""

    async def take(self, bounds: Sequence[Bound], entry_id: str, tokens: int) -> Taken:
        """Count one request of so many tokens against all bounds, or against none of them."""
        ...

    async def correct(self, subjects: Sequence[str], entry_id: str, tokens: int) -> None:
        """An entry used fewer or more tokens than it took."""
        ...

    async def used(self, bounds: Sequence[Bound]) -> Sequence[Used]:
        """What counts now, in the order of the bounds."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
