"""How a program shows that it is ready; a check never waits, so one slow answer stops nothing."""

import select
import socket
import time
from collections.abc import Callable
from pathlib import Path

ANSWER_SECONDS = 30.0  # a gateway's answer proves embedding, search and generation
PAUSE_SECONDS = 0.5  # after a no: each answer costs the asked service a proof
OK = (b"HTTP/1.1 200", b"HTTP/1.0 200")


class Answers:
    """Ready when `path` of a loopback port answers 200. Each call asks, or looks for the answer."""

    def __init__(self, port: int, path: str = "/health/ready") -> None:
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        self._line: socket.socket | None = None
        self._asked_at = 0.0
        self._not_before = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._not_before:
            return False
        try:
            if self._line is None:
                self._line = self._ask()
            return self._listen(self._line)
        except OSError:  # nobody listens yet, or hung up
            self._hang_up()
            return False

    def _ask(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self._port), timeout=1.0)
        line.sendall(self._request.encode())
        self._asked_at = time.monotonic()
        return line

    def _listen(self, line: socket.socket) -> bool:
        if select.select([line], [], [], 0)[0]:
            is_ok = line.recv(len(OK[0])).startswith(OK)
            self._hang_up()
            self._not_before = time.monotonic() + PAUSE_SECONDS
            return is_ok
        if time.monotonic() > self._asked_at + ANSWER_SECONDS:
            self._hang_up()
        return False

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def says(log: Path, words: str) -> Callable[[], bool]:
    """Ready when its log holds these words; for programs that listen on no port."""

    def look() -> bool:
        return log.exists() and words in log.read_text(errors="replace")

    return look
