"""The port by which task messages leave the gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contracts.errors import ErrorKind, StoreError


class BrokerUnavailable(StoreError):
    """The broker does not take messages now."""

    kind = ErrorKind.UNAVAILABLE
    code = "broker_unavailable"


@dataclass(frozen=True)
class OutgoingTask:
    """A task by name, its arguments, and how long it may wait unread.

    carried: the id of the request that asked for it, and its trace.
    """

    id: str
    name: str
    queue: str
    payload: dict[str, Any]
    expires_seconds: int
    carried: Mapping[str, str] = field(default_factory=dict)


class TaskSender(Protocol):
    """Hands tasks to a broker."""

    async def send(self, task: OutgoingTask) -> None:
        """Return once the broker has it. Raises BrokerUnavailable soon, never hangs."""
        ...

    async def check(self) -> None:
        """Raises BrokerUnavailable when the broker cannot be reached."""
        ...

    async def close(self) -> None:
        """Let go of the broker."""
        ...
