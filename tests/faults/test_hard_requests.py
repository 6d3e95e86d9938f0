"""Requests that are too much, one after another: how long everybody else waits meanwhile (T33).

The gateway is a process of its own. What is sent is made beforehand and costs this one nothing.
"""

import http.client
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from gateway.main import BODY_BYTES
from gateway.wide_bodies import MOST_VALUES
from tests.support.engines import free_port, postgres_server, valkey_server
from tests.support.gateway import Databases
from tests.support.processes import prepared_five

MOST_LAG_SECONDS = 0.25
ORDINARY_SECONDS, ATTACK_SECONDS = 1.0, 3.0
ATTEMPTS = 4
PAUSE_SECONDS = 0.005
PATIENCE_SECONDS = 60.0
MANY = 100_000
LARGE = 4 * BODY_BYTES
FORM = "multipart/form-data; boundary="
PLAIN_PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
FILE_PART = b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'


@dataclass(frozen=True)
class Target:
    """A gateway process, someone's session there and a file of theirs."""

    host: str
    port: int
    token: str
    file_id: str

    def head(self, method: str, path: str, *lines: str) -> bytes:
        first = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {self.token}"]
        return "\r\n".join([*first, *lines, "", ""]).encode()

    def post(self, path: str, body: bytes, kind: str = "application/json") -> bytes:
        lines = (f"Content-Type: {kind}", f"Content-Length: {len(body)}")
        return self.head("POST", path, *lines) + body

    def chunked(self, path: str, body: bytes, size: int, kind: str = "application/json") -> bytes:
        parts = (body[first : first + size] for first in range(0, len(body), size))
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        lines = (f"Content-Type: {kind}", "Transfer-Encoding: chunked")
        return self.head("POST", path, *lines) + chunks + b"0\r\n\r\n"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("hard")
    with (
        postgres_server() as postgres,
        valkey_server() as valkey,
        prepared_five(folder, Databases(postgres).fresh(), valkey.address()) as five,
    ):
        # Under another name: without its neighbours it lives, but is never ready.
        five.ports["alone"] = free_port()
        five.start("alone", "gateway", GATEWAY_PORT=str(five.ports["alone"]))
        five.wait_ready("alone")
        five.ports["gateway"] = five.ports["alone"]
        with five.session() as session:
            answer = session.post(
                "/v1/files",
                data={"purpose": "assistants"},
                files={"file": ("a.txt", b"0123456789" * 1_000)},
            )
        address = urlsplit(five.address("alone"))
        token = session.headers["authorization"].removeprefix("Bearer ")
        yield Target(str(address.hostname), address.port or 0, token, answer.json()["id"])


def too_much(target: Target) -> dict[str, bytes]:
    """What somebody may send who means no good."""
    assistants, files = "/v1/assistants", "/v1/files"
    content = f"/v1/files/{target.file_id}/content"
    long = b"b" * 70
    opening = b"--" + long + b"\r\n" + FILE_PART
    several = ",".join(f"{at}-{at + 1}" for at in range(5_000))
    wide = {f"k{number}": "" for number in range(MOST_VALUES * 5)}
    wrong = {f"k{number}": "" for number in range(20)}
    return {
        "a body announced too large": target.post(assistants, b"x" * LARGE),
        "a body counted too large": target.chunked(assistants, b"x" * LARGE, 65_536),
        "crumbs": target.chunked(assistants, b" " * (BODY_BYTES - 1), 1),
        "crumbs of a file": target.chunked(files, b"--b\r\n" + FILE_PART + long * 9_999, 1, FORM),
        "chunks just large enough": target.chunked(files, b"x" * LARGE, 64, FORM + "b"),
        "form parts": target.post(files, PLAIN_PART * MANY + b"--b--\r\n", FORM + "b"),
        "form fields": target.post(files, b"a=1&" * MANY, "application/x-www-form-urlencoded"),
        "headers of a part": target.post(files, b"--b\r\n" + b"X-A: b\r\n" * MANY, FORM + "b"),
        "a long header of a part": target.post(files, b"--b\r\nA: " + b"a" * LARGE, FORM + "b"),
        "a long boundary": target.post(files, b"--b\r\n" * 1_000, FORM + "b" * 60_000),
        "nearly boundaries": target.post(
            files, opening + (b"\r\n--" + long[1:]) * (LARGE // 73), FORM + long.decode()
        ),
        "line ends": target.post(files, b"--b\r\n" + FILE_PART + b"\r" * LARGE, FORM + "b"),
        "ranges": target.head("GET", content, f"Range: bytes={several}"),
        "range headers": target.head("GET", content, *["Range: bytes=0-1"] * 3_400),
        "headers": target.head("GET", assistants, *(f"A{each}:b" for each in range(8_000))),
        "a query": target.head("GET", f"{assistants}?{'a=1&' * 15_000}"),
        "options of a type": target.post(files, b"", "multipart/form-data" + '; a="\\' * 15_000),
        "nesting": target.post(assistants, b"[" * (BODY_BYTES - 1)),
        "fields": target.post(assistants, json.dumps(wide).encode()[:BODY_BYTES]),
        "items": target.post("/v1/vector_stores", b'{"file_ids":[' + b"0," * 500_000 + b"0]}"),
        "wrong fields of items": target.post(
            "/v1/vector_stores/vs_1/file_batches", json.dumps({"files": [wrong] * 499}).encode()
        ),
        "digits": target.post(assistants, b'{"temperature":' + b"9" * 1_000_000 + b"}"),
        "a stranger's job": target.head(
            "PUT", "/internal/jobs/x/text", "Content-Type: application/json",
            f"Content-Length: {len(_JOB)}",
        ) + _JOB,
        "requests at once": target.head("GET", assistants) * 500,
    }  # fmt: skip


_JOB = b"[" + b"0," * (8 << 20) + b"0]"
KINDS = tuple(too_much(Target("", 0, "", "")))


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_else_is_answered_in_time(target: Target, kind: str) -> None:
    sent = too_much(target)[kind]
    lags = [lag_beside(target, sent, ATTACK_SECONDS)]
    # A busy machine stands still by itself: what the request does, it does each time.
    while lags[-1] >= MOST_LAG_SECONDS and len(lags) < ATTEMPTS:
        lags.append(lag_beside(target, sent, ATTACK_SECONDS))

    assert min(lags) < MOST_LAG_SECONDS, f"{kind}: others waited {lags} s longer than they do"


def lag_beside(target: Target, sent: bytes, seconds: float) -> float:
    """The longest wait of somebody else while it is sent, beyond the longest without it."""
    before = max(waits_of(target, ORDINARY_SECONDS))
    with sending(target, sent) as statuses:
        waited = waits_of(target, seconds)
    assert sum(statuses.values()) > 0, "nothing was sent"
    return max(waited) - before


def waits_of(target: Target, seconds: float) -> list[float]:
    """How long each of somebody's small requests took."""
    found = []
    line = http.client.HTTPConnection(target.host, target.port, timeout=PATIENCE_SECONDS)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        begun = time.perf_counter()
        line.request("GET", "/health/live")
        assert line.getresponse().read()
        found.append(time.perf_counter() - begun)
        time.sleep(PAUSE_SECONDS)  # somebody's own pace
    line.close()
    return found


@contextmanager
def sending(target: Target, request: bytes) -> Iterator[Counter[str]]:
    """Sends it again and again, each time on a new connection, until the block ends."""
    statuses: Counter[str] = Counter()
    is_over = threading.Event()

    def send() -> None:
        while not is_over.is_set():
            statuses[_answer(target, request)] += 1

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield statuses
    finally:
        is_over.set()
        thread.join()
    assert not [each for each in statuses if each.startswith("5")], statuses


def _answer(target: Target, request: bytes) -> str:
    address = (target.host, target.port)
    with socket.create_connection(address, timeout=PATIENCE_SECONDS) as line:
        try:
            line.sendall(request)
            return line.recv(65_536).partition(b" ")[2][:3].decode()
        except TimeoutError:
            raise
        except OSError:  # hung up on while we spoke
            return "reset"
