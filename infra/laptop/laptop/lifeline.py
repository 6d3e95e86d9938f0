"""Ties a child's life to its parent's: a killed launcher leaves no process behind."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def spawn(
    command: list[str],
    log: Path,
    *,
    death_signal: signal.Signals,
    environment: Mapping[str, str] | None = None,
    niceness: int = 0,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, writing to `log`, that hears when its parent is gone.

    The kernel watches the *thread* that forked, so call this from the main thread only.
    """
    parent = os.getpid()

    def tie() -> None:
        tie_to_parent(death_signal)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)
        if niceness:
            os.nice(niceness)

    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # the terminal's Ctrl-C is for the launcher alone
            preexec_fn=tie,  # noqa: PLW1509 - only prctl, getppid and nice: safe after a fork
        )


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """End a child of `spawn`, and the children it started, at once."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tie_to_parent(death_signal: signal.Signals) -> None:
    """Ask the kernel to send `death_signal` to this process when its parent dies."""
    _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
