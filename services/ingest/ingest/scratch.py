"""Where documents lie while they are read: a folder for each process, gone with it.

A process killed with -9 cannot clean up, and what it leaves holds people's documents; so every
folder is locked by its owner, and whoever starts next removes those whose lock is free.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_DOOR = "door.lock"  # held while folders are made or removed
_OWNER = "owner.lock"  # held by the process a folder belongs to


@contextmanager
def scratch(home: Path) -> Iterator[Path]:
    """A private folder below `home`, which is made when it is missing."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(home / _DOOR):
        _remove_abandoned(home)
        folder = Path(tempfile.mkdtemp(dir=home))
        owner = _opened(folder / _OWNER)
        fcntl.flock(owner, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        os.close(owner)
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(home: Path) -> None:
    for folder in [entry for entry in home.iterdir() if entry.is_dir()]:
        owner = _opened(folder / _OWNER)
        try:
            with suppress(BlockingIOError):  # its owner lives
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(owner)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _opened(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    """Not inherited by programs started later: a parser must not keep its folder locked."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
