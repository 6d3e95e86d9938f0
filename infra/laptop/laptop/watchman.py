"""Waits for the launcher's end and clears away whatever of its installation is still alive.

The kernel tells direct children when the launcher dies; their children hear nothing. This small
process holds the reading end of a pipe: when the launcher is gone, however it went, the pipe ends.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Collection

from laptop.process_table import kill, members

GRACE_SECONDS = 4.0  # children are stopping already, told by the kernel
CLEARING_SECONDS = 10.0
POLL_SECONDS = 0.05


class Watchman:
    """The launcher's end of the pipe."""

    def __init__(self, mark: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "laptop.watchman", mark],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def note(self, sessions: Collection[int]) -> None:
        """Tell which sessions are ours now."""
        pipe = self._process.stdin
        if pipe is not None and self._process.poll() is None:
            pipe.write(" ".join(map(str, sessions)).encode() + b"\n")
            pipe.flush()

    def is_gone(self) -> bool:
        return self._process.poll() is not None

    def dismiss(self) -> None:
        """All is stopped: nothing is left to clear away."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


def clear_away(mark: str, sessions: Collection[int] = (), grace_seconds: float = 0.0) -> None:
    """Wait for the marked processes to end, then make them."""
    started = time.monotonic()
    while left := members(mark, sessions):
        waited = time.monotonic() - started
        if waited > grace_seconds + CLEARING_SECONDS:
            return
        if waited >= grace_seconds:
            kill(left, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def main() -> None:
    for harmless in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(harmless, signal.SIG_IGN)
    sessions: list[int] = []
    for line in sys.stdin.buffer:  # ends when the launcher does
        if line.endswith(b"\n"):
            sessions = [int(word) for word in line.split()]
    clear_away(sys.argv[1], sessions, GRACE_SECONDS)


if __name__ == "__main__":
    main()
