"""Lets pip fill a virtual environment under a bar; what goes wrong is one sentence.

Standard library only: this runs before anything is installed.
"""

import errno
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from laptop.bar import Bar
from laptop.lifeline import kill_session, spawn
from laptop.virtual_environment import INSTALLING, CannotInstall, VirtualEnvironment

POLL_SECONDS = 0.2
FETCHING = re.compile(r"^(?:Collecting|Processing) ", re.MULTILINE)


@dataclass(frozen=True)
class Wanted:
    """What is to be installed: pip's own words, how many packages, and a word on their size."""

    words: tuple[str, ...]
    packages: int
    sizes: str


def install(
    venv: VirtualEnvironment, wanted: Wanted, afterwards: Callable[[], None] | None = None
) -> None:
    """Let pip fetch and unpack everything, with the user's own pip configuration."""
    log, mark = venv.folder / "install.log", venv.folder / INSTALLING
    missing = wanted.packages - venv.installed()
    print(f"Installing {missing} packages. {wanted.sizes}", flush=True)
    log.unlink(missing_ok=True)
    mark.touch()
    # Bytecode is made when a module is first imported: making all of it takes two minutes.
    command = [*venv.pip, "install", "--no-compile", *wanted.words]
    process = spawn(command, log, death_signal=signal.SIGTERM)
    _watch(process, venv, log, missing)
    mark.unlink()  # pip ended by itself: done, or undone what it had begun
    if process.returncode != 0:
        raise _reason(venv, log)
    if afterwards is not None:
        afterwards()


def pins_of(constraints: Path, sections: tuple[str, ...] = ()) -> int:
    """How many packages a file of exact versions names, in these sections of it (or in all)."""
    count, counting = 0, not sections
    for line in constraints.read_text().splitlines():
        if line.startswith("#"):
            counting = not sections or line.startswith(sections)
        count += counting and "==" in line
    return count


def _watch(
    process: subprocess.Popen[bytes], venv: VirtualEnvironment, log: Path, missing: int
) -> None:
    bar = Bar()
    before = venv.installed()
    try:
        while process.poll() is None:
            said = log.read_text(errors="replace")
            if "Installing collected packages:" in said:
                bar.show("unpacking", venv.installed() - before, missing)
            else:
                bar.show("fetching", len(FETCHING.findall(said)), missing)
            time.sleep(POLL_SECONDS)
    finally:
        kill_session(process)
    bar.end()


def _reason(venv: VirtualEnvironment, log: Path) -> CannotInstall:
    said = log.read_text(errors="replace")
    if os.strerror(errno.ENOSPC) in said:
        return venv.disk_full()
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    reason = errors[0].removeprefix("ERROR:").strip() if errors else "pip was stopped"
    return CannotInstall(
        f"The packages could not be installed: {reason.rstrip('.')}. All of pip's words: {log}"
    )
