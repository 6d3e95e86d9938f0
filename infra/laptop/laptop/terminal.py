"""Speaks to the person at the terminal: one line that changes, or plain lines for a log."""

import sys
import time
from collections.abc import Iterable

from laptop.places import Place


class LiveLine:
    """Says what is being waited for; rewritten in place where that is possible."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._shown = ""
        self._began = time.monotonic()

    def show(self, text: str) -> None:
        if self._is_terminal:
            seconds = time.monotonic() - self._began
            print(f"\r\x1b[K{text} ({seconds:.0f} s)", end="", flush=True)
        elif text != self._shown:
            print(text, flush=True)
        self._shown = text

    def clear(self) -> None:
        if self._is_terminal and self._shown:
            print("\r\x1b[K", end="", flush=True)


def waiting_text(names: Iterable[str]) -> str:
    return f"Starting: waiting for {', '.join(names)}"


def print_addresses(place: Place, headline: str) -> None:
    print(headline)
    print(f"  web       {place.address('web')}")
    print(f"  API       {place.address('gateway')}/v1")
    print(f"  files     {place.home}", flush=True)


def print_log_end(name: str, lines: Iterable[str]) -> None:
    print(f"The end of {name}'s log:", file=sys.stderr)
    for line in lines:
        print(f"  {line}", file=sys.stderr)
