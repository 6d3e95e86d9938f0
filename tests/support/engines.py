"""The real PostgreSQL and Valkey for tests: random ports, temporary folders, gone afterwards.

    with postgres_server() as postgres:   # about 1 s: makes a cluster and the database `stoa`
        postgres.address()                # postgresql+asyncpg://stoa:…@127.0.0.1:PORT/stoa
        postgres.address("postgresql", database="postgres")
    with valkey_server() as valkey:       # about 0.1 s
        valkey.address()                  # redis://:…@127.0.0.1:PORT/0

Both yield the launcher's own classes (`laptop.postgres`, `laptop.valkey`) with `data`, `port` and
`password`. Use each in a session-scoped fixture, and make a fresh database (PostgreSQL:
`CREATE DATABASE … TEMPLATE …`) or another number (Valkey: `address(database=n)`) for isolation.
"""

import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals

from laptop import postgres, valkey
from laptop.lifeline import spawn
from laptop.postgres import PostgresServer
from laptop.valkey import ValkeyServer

START_SECONDS = 30.0
STOP_SECONDS = 15.0


def free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    with tempfile.TemporaryDirectory(prefix="stoa-postgres-") as folder:
        server = PostgresServer(Path(folder) / "data", free_port(), secrets.token_urlsafe(16))
        server.prepare()
        # Tests make many small databases: waiting for the disk at each commit proves nothing.
        command = [*server.command(), "-c", "fsync=off", "-c", "max_connections=200"]
        with _running(command, Path(folder) / "log", postgres.STOP_SIGNAL, server.is_ready):
            yield server


@contextmanager
def valkey_server() -> Iterator[ValkeyServer]:
    with tempfile.TemporaryDirectory(prefix="stoa-valkey-") as folder:
        server = ValkeyServer(Path(folder) / "data", free_port(), secrets.token_urlsafe(16))
        server.prepare()
        log = Path(folder) / "log"
        with _running(server.command(), log, valkey.STOP_SIGNAL, server.is_ready):
            yield server


@contextmanager
def _running(
    command: list[str], log: Path, stop_signal: Signals, is_ready: Callable[[], bool]
) -> Iterator[None]:
    process = spawn(command, log, death_signal=stop_signal)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.02)  # a poll with a deadline
        yield
    finally:
        process.send_signal(stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
