"""The port by which a turn is told, re-read and stopped, whichever process it runs in."""

from dataclasses import dataclass
from typing import Protocol

from contracts.conversations import TurnEvent
from contracts.errors import ErrorKind, StoreError


class TurnStreamUnavailable(StoreError):
    """The stream's server does not answer."""

    kind = ErrorKind.UNAVAILABLE
    code = "turn_stream_unavailable"


@dataclass(frozen=True)
class Signals:
    """What readers told the writer of a turn."""

    has_reader: bool
    is_stop_asked: bool


class TurnStream(Protocol):
    """Events of turns, kept for a while. Every call may raise TurnStreamUnavailable."""

    async def append(self, turn_id: str, event: TurnEvent) -> None:
        """Add the next event; ids count from 1 without a gap."""
        ...

    async def read(self, turn_id: str, after: int, wait_seconds: float) -> list[TurnEvent]:
        """Events after a given id; waits for the next one, at most so long."""
        ...

    async def be_present(self, turn_id: str, seconds: float) -> None:
        """A reader is there, and counts as there for so long."""
        ...

    async def ask_to_stop(self, turn_id: str) -> None:
        """Tell the writer to stop."""
        ...

    async def signals(self, turn_id: str) -> Signals:
        """What the writer should know."""
        ...

    async def end(self, turn_id: str) -> None:
        """No event follows; the stream may be forgotten after an hour."""
        ...

    async def forget(self, turn_id: str) -> None:
        """Take away at once whatever there is of a turn."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
