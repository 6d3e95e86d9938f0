"""`make status` and `make logs`: what an installation is doing."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from laptop.places import Place
from laptop.process_table import start_ticks
from laptop.state import Phase, read_state, tail
from laptop.terminal import print_addresses

FOLLOW_SECONDS = 0.3


def show_status(place: Place) -> int:
    """0 when everything is ready, 1 otherwise."""
    state = read_state(place)
    if state is None or not state.is_alive():
        print("Stoa is not running.")
        return 1
    there = Place(place.home, state.offset)
    print_addresses(there, f"Stoa is {state.phase} (process {state.pid}).")
    for name, pid in state.pids.items():
        if start_ticks(pid) is None:
            word = "down"
        else:
            word = "starting" if name in state.waiting_for else "running"
        print(f"  {name:<10}{word:<10}process {pid}")
    return 0 if state.phase is Phase.READY else 1


def show_logs(place: Place, names: Sequence[str], lines: int, *, is_followed: bool) -> int:
    logs = [place.log(name) for name in names] or sorted(place.log("any").parent.glob("*.log"))
    for log in logs:
        if not log.exists():
            print(f"There is no log {log.stem} in {log.parent}.", file=sys.stderr)
            return 1
        _print(log, tail(log, lines))
    if is_followed:
        _follow(logs)
    return 0


def _follow(logs: Sequence[Path]) -> None:
    read = {log: log.stat().st_size for log in logs}
    while True:
        for log in logs:
            size = log.stat().st_size
            with log.open(errors="replace") as file:
                file.seek(read[log] if size >= read[log] else 0)  # a fresh log is shorter
                _print(log, file.read().splitlines())
            read[log] = size
        time.sleep(FOLLOW_SECONDS)


def _print(log: Path, lines: Sequence[str]) -> None:
    for line in lines:
        print(f"{log.stem:<10}| {line}", flush=True)
