"""A bar that moves on a terminal, and a line now and then in a log. Standard library only."""

import sys
import time

BAR_WIDTH = 30
SECONDS_BETWEEN_LINES = 10


class Bar:
    """How far something long has come."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._said_at = time.monotonic()

    def show(self, doing: str, done: int, total: int) -> None:
        part = min(done / total, 1.0) if total > 0 else 1.0
        if self._is_terminal:
            full = int(part * BAR_WIDTH)
            bar = "#" * full + "." * (BAR_WIDTH - full)
            print(f"\r\x1b[K[{bar}] {doing} {done}/{total}", end="", flush=True)
        elif time.monotonic() > self._said_at + SECONDS_BETWEEN_LINES:
            self._said_at = time.monotonic()
            print(f"{doing} {done}/{total}", flush=True)

    def end(self) -> None:
        if self._is_terminal:
            print("\r\x1b[K", end="", flush=True)
