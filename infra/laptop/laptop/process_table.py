"""Reads /proc: which processes belong to an installation, and whether one is still itself."""

import os
import signal
from collections.abc import Collection, Iterator
from pathlib import Path

MARK = "STOA_SUPERVISED"  # the variable by which every child, and its children, are recognised

_STATE, _SESSION, _START_TICKS = 0, 3, 19  # places in /proc/PID/stat after the name


def start_ticks(pid: int) -> int | None:
    """When a process began; with its pid this names it for ever. None: no such process."""
    fields = _stat(pid)
    return None if fields is None or fields[_STATE] == "Z" else int(fields[_START_TICKS])


def mark_of(home: Path, run: str = "") -> str:
    """What every process of an installation (or of one run of it) carries, as a prefix."""
    return f"{home}:{run}:" if run else f"{home}:"


def members(mark: str, sessions: Collection[int] = ()) -> list[int]:
    """Living processes that carry the mark or belong to one of the sessions.

    The mark survives a new session, the session survives a cleaned environment.
    """
    wanted = f"{MARK}={mark}".encode()
    return [pid for pid in _all_pids() if _belongs(pid, wanted, sessions)]


def kill(pids: Collection[int], with_signal: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, with_signal)
        except ProcessLookupError:
            continue


def _belongs(pid: int, wanted: bytes, sessions: Collection[int]) -> bool:
    fields = _stat(pid)
    if fields is None or fields[_STATE] == "Z" or pid == os.getpid():
        return False
    if int(fields[_SESSION]) in sessions:
        return True
    return any(entry.startswith(wanted) for entry in _environment(pid))


def _all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()  # a name may hold spaces and brackets


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone, or somebody else's
        return []
