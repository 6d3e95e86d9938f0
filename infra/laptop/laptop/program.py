"""One process that the supervisor keeps running."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from signal import SIGTERM, Signals


def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """How one process is started, known to be ready, and stopped."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()  # started when these are ready
    is_ready: Callable[[], bool] = _at_once
    runs_once: bool = False  # ready when it has ended well
    layer: int = 1  # stopped in falling order, equal ones together
    stop_signal: Signals = SIGTERM
    stop_seconds: float = 3.0
    start_seconds: float = 300.0  # a busy small machine needs its time
    niceness: int = 0
