"""A web server that answers as badly as it is told to, beside an address that must not be reached.

with hostile_web() as web:
    web.page("/rules", "<p>Low tide at six.</p>")
    web.redirect("/old", "/rules", status=308)
    web.answer("/endless", endless)              # a function that yields blocks of bytes
    web.url("/rules"), web.policy()              # 127.0.0.1 counts as public, nothing else does
    web.forbidden_connections                    # of the same port at 127.0.0.2 and ::1
"""

import socket
import socketserver
import ssl
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from runtime.outbound.policy import OutboundPolicy

PUBLIC = "127.0.0.1"
FORBIDDEN = "127.0.0.2"
_CONNECTIONS_SECONDS = 5.0

Answer = Callable[[], Iterable[bytes]]


@dataclass
class FakeResolver:
    """Answers from a book. A name with several lists gives the next one each time it is asked."""

    book: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def knows(self, host: str, *answers: Sequence[str]) -> None:
        self.book[host] = [list(answer) for answer in answers]

    async def addresses(self, host: str, port: int) -> list[str]:
        del port
        self.asked.append(host)
        answers = self.book.get(host)
        if answers is None:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Asked:
    """A request as it arrived."""

    target: str
    headers: dict[str, str]
    server_name: str | None = None


class HostileWeb:
    """The server's book of answers, and what it was asked."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.scheme = scheme
        self.asked: list[Asked] = []
        self.sent_bytes: dict[str, int] = defaultdict(int)
        self.forbidden_connections = 0
        self.over = threading.Event()
        self._answers: dict[str, Answer] = {}

    def url(self, path: str, host: str = PUBLIC) -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def policy(self, **more: Any) -> OutboundPolicy:
        """127.0.0.1 is public here; deadlines are short."""
        settings = {
            "allowed_networks": (f"{PUBLIC}/32",),
            "ports": (80, 443, self.port),
            "connect_seconds": 2,
            "silence_seconds": 2,
            "whole_seconds": 5,
        }
        return OutboundPolicy.model_validate(settings | more)

    def answer(self, path: str, answer: Answer) -> None:
        self._answers[path] = answer

    def raw(self, path: str, content: bytes) -> None:
        self._answers[path] = lambda: [content]

    def page(self, path: str, body: str | bytes, kind: str = "text/html", **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        named = {"content-type": kind, "content-length": str(len(content)), **headers}
        self.raw(path, head(200, named) + content)

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.raw(path, head(status, {"location": to, "content-length": "0"}))

    def handle(self, connection: socket.socket) -> None:
        """One request, one answer, and the end."""
        connection.settimeout(_CONNECTIONS_SECONDS)
        request = b""
        while b"\r\n\r\n" not in request:
            block = connection.recv(65_536)
            if not block:
                return
            request += block
        asked = _asked(request)
        if isinstance(connection, ssl.SSLSocket):
            asked.server_name = getattr(connection, "server_name", None)
        self.asked.append(asked)
        path = asked.target.partition("?")[0]
        answer = self._answers.get(path, lambda: [head(404, {"content-length": "0"})])
        for block in answer():
            if self.over.is_set():
                return
            connection.sendall(block)
            self.sent_bytes[path] += len(block)


def head(status: int, headers: dict[str, str]) -> bytes:
    """The first part of an answer."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def hostile_web(tls: ssl.SSLContext | None = None) -> Iterator[HostileWeb]:
    """The server, until the block ends."""
    with ExitStack() as closing:
        server = closing.enter_context(_Server((PUBLIC, 0), _Handler))
        port = server.server_address[1]
        web = HostileWeb(port, "http" if tls is None else "https")
        server.web, server.tls = web, tls
        servers: list[socketserver.BaseServer] = [server]
        for kind, address in ((_Tripwire, FORBIDDEN), (_Tripwire6, "::1")):
            with suppress(OSError):  # a machine without IPv6
                tripwire = closing.enter_context(kind((address, port), _Counted))
                tripwire.web = web
                servers.append(tripwire)
        threads = [threading.Thread(target=each.serve_forever, args=(0.02,)) for each in servers]
        for thread in threads:
            thread.start()
        try:
            yield web
        finally:
            web.over.set()
            for each, thread in zip(servers, threads, strict=True):
                each.shutdown()
                thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    web: HostileWeb
    tls: ssl.SSLContext | None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave are what these tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        connection = self.request
        if self.server.tls is not None:
            with suppress(OSError), self.server.tls.wrap_socket(connection, server_side=True) as it:
                self.server.web.handle(it)
            return
        with suppress(OSError):
            self.server.web.handle(connection)


class _Tripwire(_Server):
    pass


class _Tripwire6(_Tripwire):
    address_family = socket.AF_INET6


class _Counted(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.web.forbidden_connections += 1


def _asked(request: bytes) -> Asked:
    first, *lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Asked(first.split(" ")[1], {name.lower(): value for name, value in headers.items()})


_watchers: list[list[object]] = []
_is_hooked = threading.Event()


@contextmanager
def connections() -> Iterator[list[object]]:
    """Every address that this process opens a socket to inside the block."""
    if not _is_hooked.is_set():
        _is_hooked.set()
        sys.addaudithook(_noted)  # it stays for good, and is silent without watchers
    opened: list[object] = []
    _watchers.append(opened)
    try:
        yield opened
    finally:
        _watchers.remove(opened)


def _noted(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        for opened in _watchers:
            opened.append(arguments[1])
