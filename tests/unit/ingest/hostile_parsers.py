"""Parsers that misbehave as the file's name says: the jail runs this module instead of ours."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ingest.parsing.parsed import Parsed

HOUR_SECONDS = 3600


def parse(source: Path, filename: str) -> Parsed:
    """Misbehave as the file's name says."""
    return Parsed(title=filename, text=BEHAVIOURS[filename](source))


def read_well(source: Path) -> str:
    return source.read_text()


def hang(_: Path) -> str:
    time.sleep(HOUR_SECONDS)
    return ""


def compute_for_ever(_: Path) -> str:
    while True:
        pass


def eat_memory(_: Path) -> str:
    return "x" * (64 << 30)


def write_for_ever(_: Path) -> str:
    with Path("big").open("wb") as target:
        while True:
            target.write(b"\0" * (1 << 20))


def segfault(_: Path) -> str:
    ctypes.string_at(0)
    return ""


def abort(_: Path) -> str:
    os.abort()


def leave_quietly(_: Path) -> str:
    os._exit(0)


def write_nonsense(_: Path) -> str:
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b'{"network_closed": true, "parsed": 7}')
        except OSError:
            continue
    os._exit(0)


def raise_an_error_quoting_the_document(source: Path) -> str:
    raise RuntimeError(source.read_text())


def leave_a_grandchild(source: Path) -> str:
    """A process that has left the session writes its number beside the source and stays."""
    command = f"import time; time.sleep({HOUR_SECONDS})"
    child = subprocess.Popen([sys.executable, "-c", command], start_new_session=True)
    source.with_name("grandchild").write_text(str(child.pid))
    signal.pause()
    return ""


def look_around(_: Path) -> str:
    return json.dumps(
        {
            "environment": sorted(os.environ),  # noqa: TID251 - what the jail leaves is the question
            "folder": str(Path.cwd()),
            "network": _reaches_loopback(),
            "core": subprocess.run(
                ["/bin/sh", "-c", "ulimit -c"], capture_output=True, text=True, check=True
            ).stdout.strip(),
        }
    )


def _reaches_loopback() -> str:
    try:
        with socket.create_connection(("127.0.0.1", 9), timeout=2):
            return "connected"
    except OSError as error:
        return type(error).__name__ + str(error.errno)


BEHAVIOURS: dict[str, Callable[[Path], str]] = {
    behaviour.__name__: behaviour
    for behaviour in (
        read_well,
        hang,
        compute_for_ever,
        eat_memory,
        write_for_ever,
        segfault,
        abort,
        leave_quietly,
        write_nonsense,
        raise_an_error_quoting_the_document,
        leave_a_grandchild,
        look_around,
    )
}
