"""What a launcher leaves for `status`, `down` and a second `up`: who it is and how far it came."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from laptop.errors import AlreadyRunning
from laptop.places import Place
from laptop.private_files import write_private
from laptop.process_table import start_ticks


class Phase(StrEnum):
    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass
class LauncherState:
    """One launcher, as it describes itself."""

    pid: int
    ticks: int
    offset: int
    phase: Phase = Phase.STARTING
    waiting_for: list[str] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    culprit: str = ""

    def is_alive(self) -> bool:
        return start_ticks(self.pid) == self.ticks


def my_state(offset: int) -> LauncherState:
    return LauncherState(os.getpid(), start_ticks(os.getpid()) or 0, offset)


def write_state(place: Place, state: LauncherState) -> None:
    write_private(place.state_file, json.dumps(asdict(state)))


def read_state(place: Place) -> LauncherState | None:
    """The last launcher of this home, alive or not."""
    try:
        found = LauncherState(**json.loads(place.state_file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    found.phase = Phase(found.phase)
    return found


@contextmanager
def only_one(place: Place) -> Iterator[None]:
    """Hold this home for one launcher; the kernel drops a dead one's lock."""
    descriptor = os.open(place.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning("Stoa is already running or starting here.") from None


def tail(log: Path, lines: int) -> list[str]:
    """The last lines of a log that may not exist."""
    if not log.exists():
        return []
    return log.read_text(errors="replace").splitlines()[-lines:]
