"""What a parsing process gives up before it touches a stranger's file."""

import ctypes
import os
import resource
import signal

from pydantic import BaseModel, ConfigDict, Field

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_CLONE_NEWIPC = 0x08000000
SIGNALLED = 128
"""Added to a signal's number where one process passes on how another ended, as shells do."""


class JailLimits(BaseModel):
    """What one document may cost. Beyond it the document fails alone, with a reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wall_seconds: float = Field(default=600, gt=0)
    cpu_seconds: int = Field(default=600, gt=0)
    memory_bytes: int = Field(default=2 << 30, gt=0)
    written_bytes: int = Field(default=256 << 20, gt=0)
    open_files: int = Field(default=128, gt=8)
    processes: int = Field(default=32, gt=0)
    text_characters: int = Field(default=10_000_000, gt=0)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the one that started it dies."""
    _libc().prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was told
        os._exit(SIGNALLED + signal.SIGKILL)


def isolate() -> bool:
    """Leave the network and see no other process; False where the kernel refuses.

    Takes effect for processes forked from here on. The user namespace is what lets an ordinary
    user do this, and what takes root's powers over other people's files away.
    """
    flags = _CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWPID | _CLONE_NEWIPC
    return bool(_libc().unshare(flags) == 0)


def limit(limits: JailLimits, *, is_isolated: bool) -> None:
    """Set the kernel's limits on this process and all it starts."""
    bounds = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.written_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if is_isolated:  # elsewhere this would count everything the user runs
        bounds[resource.RLIMIT_NPROC] = limits.processes
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        allowed = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
