"""One program with its process: started, looked at, started again after a crash, stopped."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from laptop.errors import ProgramFailed
from laptop.lifeline import kill_session, spawn
from laptop.program import Program

BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)  # as many tries as there are pauses
STEADY_SECONDS = 60.0  # after so long a crash counts as the first again


class KeptProgram:
    """A program under the supervisor's care."""

    def __init__(self, program: Program, log: Path, extra: Mapping[str, str]) -> None:
        self.program = program
        self.is_ready = False
        self._log = log
        self._environment = {**program.environment, **extra}
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._crashes = 0
        self._again_at: float | None = None
        self._is_cleared = False  # its number may belong to a stranger by now

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int | None:
        """Its process, which is also the number of its session. None: there is none now."""
        return None if self._process is None or self._is_cleared else self._process.pid

    @property
    def is_started(self) -> bool:
        return self._process is not None

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._again_at = None
        self._is_cleared = False
        self._process = spawn(
            list(self.program.command),
            self._log,
            death_signal=self.program.stop_signal,
            environment=self._environment,
            niceness=self.program.niceness,
        )

    def become_ready(self) -> bool:
        """Whether it has just become ready; a program that cannot is an error."""
        if self.is_alive:
            self.is_ready = not self.program.runs_once and self.program.is_ready()
            if not self.is_ready and self._seconds_up() > self.program.start_seconds:
                seconds = f"{self.program.start_seconds:.0f} s"
                raise ProgramFailed(self.name, f"{self.name} was not ready within {seconds}.")
        elif self.program.runs_once and self._exit_code() == 0:
            self.is_ready = True
            self.kill_session()
        else:
            ended = f"{self.name} ended with exit code {self._exit_code()}"
            raise ProgramFailed(self.name, f"{ended} before it was ready.")
        return self.is_ready

    def keep_alive(self) -> bool:
        """Start it again when it died, later each time. Whether its process changed."""
        if self.program.runs_once:
            return False
        if self.is_alive:
            if self._seconds_up() > STEADY_SECONDS:
                self._crashes = 0
            return False
        if self._again_at is None:
            self._plan_restart()
        if self._again_at is not None and time.monotonic() >= self._again_at:
            self.start()
        return self.is_alive

    def _plan_restart(self) -> None:
        self.kill_session()  # what it left behind may hold its port
        if self._crashes >= len(BACK_OFF_SECONDS):
            raise ProgramFailed(self.name, f"{self.name} died {self._crashes + 1} times in a row.")
        self._again_at = time.monotonic() + BACK_OFF_SECONDS[self._crashes]
        self._crashes += 1

    def ask_to_stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(self.program.stop_signal)

    def kill_session(self) -> None:
        """End it and the children it started, at once."""
        if self._process is None or self._is_cleared:
            return
        kill_session(self._process)
        self._is_cleared = True

    def _seconds_up(self) -> float:
        return time.monotonic() - self._started_at

    def _exit_code(self) -> int | None:
        return None if self._process is None else self._process.poll()
