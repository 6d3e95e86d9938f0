"""Starts all programs in order, keeps them alive, and stops them in order."""

import time
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise

from laptop.kept import KeptProgram
from laptop.places import Place
from laptop.process_table import MARK, mark_of
from laptop.program import Program
from laptop.state import LauncherState, Phase, write_state
from laptop.watchman import Watchman, clear_away

POLL_SECONDS = 0.1
KEPT_LOGS = 3


class Supervisor:
    """The life of one installation's processes, from one thread."""

    def __init__(self, place: Place, programs: Sequence[Program], state: LauncherState) -> None:
        self._place = place
        self._state = state
        self._mark = mark_of(place.home, f"{state.pid}-{state.ticks}")
        extra = {MARK: self._mark}
        self._kept = [KeptProgram(one, place.log(one.name), extra) for one in programs]
        self._watchman = Watchman(self._mark)
        self._written = ""

    def start_all(self, stop_asked: Callable[[], bool], changed: Callable[[], None]) -> bool:
        """Bring everything to ready. False: the person wanted to stop first."""
        for kept in self._kept:
            _rotate(self._place, kept.name)
        while waiting := [kept for kept in self._kept if not kept.is_ready]:
            if stop_asked():
                return False
            self._start_what_may(waiting)
            self._describe(waiting)
            changed()
            time.sleep(POLL_SECONDS)
        self._state.phase = Phase.READY
        self._describe([])
        return True

    def _start_what_may(self, waiting: Sequence[KeptProgram]) -> None:
        ready = {kept.name for kept in self._kept if kept.is_ready}
        for kept in waiting:
            if kept.is_started:
                kept.become_ready()
            elif ready.issuperset(kept.program.after):
                kept.start()
                self._note_sessions()

    def keep_alive(self, stop_asked: Callable[[], bool]) -> None:
        """Look after everything until the person wants to stop."""
        while not stop_asked():
            if any([kept.keep_alive() for kept in self._kept]):  # noqa: C419 - look at each one
                self._note_sessions()
                self._describe([])
            if self._watchman.is_gone():
                self._watchman = Watchman(self._mark)
                self._note_sessions()
            time.sleep(POLL_SECONDS)

    def stop_all(self, in_a_hurry: Callable[[], bool]) -> None:
        """Stop the last layer first; what does not listen is killed, and so is what it started."""
        self._state.phase = Phase.STOPPING
        self._describe([])
        falling = sorted(self._kept, key=lambda kept: -kept.program.layer)
        for _, layer in groupby(falling, key=lambda kept: kept.program.layer):
            _stop_together(list(layer), in_a_hurry)
        clear_away(self._mark, self._sessions())
        self._watchman.dismiss()

    def _note_sessions(self) -> None:
        self._watchman.note(self._sessions())

    def _sessions(self) -> list[int]:
        return [kept.pid for kept in self._kept if kept.pid is not None]

    def _describe(self, waiting: Sequence[KeptProgram]) -> None:
        self._state.waiting_for = [kept.name for kept in waiting]
        self._state.pids = {kept.name: kept.pid for kept in self._kept if kept.pid is not None}
        now = repr(self._state)
        if now != self._written:
            write_state(self._place, self._state)
            self._written = now


def _stop_together(layer: Sequence[KeptProgram], in_a_hurry: Callable[[], bool]) -> None:
    alive = [kept for kept in layer if kept.is_alive]
    for kept in alive:
        kept.ask_to_stop()
    deadline = time.monotonic() + max((kept.program.stop_seconds for kept in alive), default=0.0)
    while any(kept.is_alive for kept in alive):
        if in_a_hurry() or time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS / 4)
    for kept in layer:
        kept.kill_session()


def _rotate(place: Place, name: str) -> None:
    """Each start writes a fresh log; the last few stay as NAME.log.1, NAME.log.2, …"""
    newest = place.log(name)
    logs = [newest, *(newest.with_name(f"{newest.name}.{age}") for age in range(1, KEPT_LOGS + 1))]
    for younger, older in reversed(list(pairwise(logs))):
        if younger.exists():
            younger.replace(older)
