"""Remembers that the person asked to stop, and whether they asked twice."""

import signal
from types import FrameType

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopFlag:
    """Set by Ctrl-C, `make down` or a closed terminal."""

    def __init__(self) -> None:
        self._times = 0
        for asking in ASKING:
            if signal.getsignal(asking) is not signal.SIG_IGN:  # nohup stays in force
                signal.signal(asking, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._times += 1

    def is_asked(self) -> bool:
        return self._times > 0

    def is_asked_twice(self) -> bool:
        return self._times > 1
