"""`make down`: ask the launcher to stop everything, and make sure."""

import os
import signal
import time

from laptop.places import Place
from laptop.process_table import mark_of, members
from laptop.state import read_state
from laptop.watchman import clear_away

STOP_SECONDS = 60.0  # four layers, each with its time for open answers
POLL_SECONDS = 0.1


def stop_launcher(place: Place) -> bool:
    """Stop what runs in this home, launcher or leftovers. False: nothing did."""
    state = read_state(place)
    found = False
    if state is not None and state.is_alive():
        found = True
        os.kill(state.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while state.is_alive() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if state.is_alive():
            os.kill(state.pid, signal.SIGKILL)
    if members(mark_of(place.home)):
        found = True
        clear_away(mark_of(place.home))
    return found
