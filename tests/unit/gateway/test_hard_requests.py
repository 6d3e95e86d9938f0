"""Requests that are too much, written by hand: refused early, and the next one is served (T33).

The timed part is tests/faults/test_hard_requests.py.
"""

import socket
import time
from urllib.parse import urlsplit

import pytest

from gateway.main import BODY_BYTES
from gateway.wide_bodies import MOST_VALUES
from runtime.crumbs import CHUNK_BYTES, FREE_CHUNKS
from tests.support.gateway import Person, RunningGateway

SECONDS = 20.0
MANY = 100_000


def spoken(gateway: RunningGateway, *parts: bytes) -> bytes:
    """What the gateway says to bytes, up to the end of the connection or of its first words."""
    address = urlsplit(gateway.address)
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as line:
        try:
            for part in parts:
                line.sendall(part)
            line.shutdown(socket.SHUT_WR)
            return line.recv(65_536)
        except TimeoutError:
            raise
        except OSError:  # hung up on while we spoke
            return b"reset"


def head(person: Person, path: str, *lines: str) -> bytes:
    always = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {person.token}"]
    return "\r\n".join([*always, *lines, "", ""]).encode()


def status_of(answer: bytes) -> int:
    return int(answer.split()[1]) if answer.startswith(b"HTTP/") else 0


def is_alive(gateway: RunningGateway) -> bool:
    return gateway.http.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: -1",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5x",),
        ("Content-Length: " + "9" * 40,),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, chunked",),
        ("Transfer-Encoding: gzip",),
    ],
)
def test_a_length_that_cannot_be_is_refused(
    gateway: RunningGateway, ada: Person, lines: tuple[str, ...]
) -> None:
    made = len(ada.get("/v1/assistants")[1]["data"])
    answer = spoken(
        gateway, head(ada, "/v1/assistants", "Content-Type: application/json", *lines), b"{}"
    )

    assert status_of(answer) in (0, 400, 411, 413, 501), answer
    assert len(ada.get("/v1/assistants")[1]["data"]) == made
    assert is_alive(gateway)


def test_a_body_announced_too_large_is_refused_unread(gateway: RunningGateway, ada: Person) -> None:
    announced = f"Content-Length: {BODY_BYTES + 1}"
    begun = time.monotonic()
    address = urlsplit(gateway.address)
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as line:
        line.sendall(head(ada, "/v1/assistants", "Content-Type: application/json", announced))
        line.sendall(b"x" * 1024)
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(65_536)

    assert status_of(answer) in (0, 413)
    assert time.monotonic() - begun < SECONDS
    assert is_alive(gateway)


def test_a_body_without_a_length_is_counted(gateway: RunningGateway, ada: Person) -> None:
    answer = gateway.http.post(
        "/v1/assistants",
        headers=ada.headers() | {"content-type": "application/json"},
        content=(b"x" * 65_536 for _ in range(BODY_BYTES // 65_536 + 2)),
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


def in_chunks(text: bytes, size: int) -> bytes:
    parts = (text[first : first + size] for first in range(0, len(text), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_body_does_not_come_in_crumbs(gateway: RunningGateway, ada: Person) -> None:
    lines = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    answer = spoken(gateway, head(ada, "/v1/assistants", *lines), in_chunks(b" " * MANY, 1))

    assert status_of(answer) in (0, 400), answer
    assert is_alive(gateway)


@pytest.mark.parametrize(
    ("chunks", "size"), [(FREE_CHUNKS, 1), (FREE_CHUNKS + 1, CHUNK_BYTES)], ids=["few", "larger"]
)
def test_a_body_comes_in_small_pieces(
    gateway: RunningGateway, ada: Person, chunks: int, size: int
) -> None:
    body = b'{"name":' + b" " * (chunks * size - 15) + b'"Bent"}'
    answer = gateway.http.post(
        "/v1/assistants",
        headers=ada.headers() | {"content-type": "application/json"},
        content=(body[first : first + size] for first in range(0, len(body), size)),
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {f"k{number}": "" for number in range(MOST_VALUES + 1)},
        {"file_ids": ["a"] * MOST_VALUES},
        {"files": [{f"k{number}": "" for number in range(100)}] * (MOST_VALUES // 100)},
    ],
    ids=["fields", "items", "fields of items"],
)
def test_a_body_of_too_many_values_is_refused_before_it_is_looked_at(
    ada: Person, body: dict[str, object]
) -> None:
    _, collection = ada.post("/v1/vector_stores", {"name": "Rules"})
    status, problem = ada.post(f"/v1/vector_stores/{collection['id']}/file_batches", body)

    assert (status, problem["code"]) == (400, "too_many_values")


@pytest.mark.parametrize("boundary", ["b" * 71, "b" * 10_000, "", "é", "b\x00", 'b"; x="'])
def test_a_boundary_that_is_none_is_refused(
    gateway: RunningGateway, ada: Person, boundary: str
) -> None:
    kind = f"multipart/form-data; boundary={boundary}".encode()
    answer = spoken(
        gateway,
        head(ada, "/v1/files", "Content-Length: 4")[:-2] + b"Content-Type: " + kind,
        b"\r\n\r\n--b\r",
    )

    assert status_of(answer) in (0, 400, 431), answer
    assert ada.get("/v1/files")[1]["data"] == []
    assert is_alive(gateway)


def test_a_form_of_a_hundred_thousand_parts_is_refused(
    gateway: RunningGateway, ada: Person
) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    answer = gateway.http.post(
        "/v1/files",
        headers=ada.headers() | {"content-type": "multipart/form-data; boundary=b"},
        content=part * MANY + b"--b--\r\n",
    )

    assert answer.status_code in (400, 413)
    assert ada.get("/v1/files")[1]["data"] == []


def test_many_ranges_cost_nothing(gateway: RunningGateway, ada: Person) -> None:
    _, file = ada.upload("a.txt", b"0123456789" * 1_000)
    ranges = "bytes=" + ",".join(f"{at}-{at + 1}" for at in range(4_000))
    answer = gateway.http.get(
        f"/v1/files/{file['id']}/content", headers=ada.headers() | {"range": ranges}
    )

    assert answer.status_code in (200, 206, 400, 416, 431)
    assert len(answer.content) <= 10_000


@pytest.mark.parametrize("count", [1_000, MANY])
def test_many_headers_are_refused_or_passed_over(
    gateway: RunningGateway, ada: Person, count: int
) -> None:
    lines = [f"X-A{number}: b" for number in range(count)]
    answer = spoken(gateway, head(ada, "/v1/assistants", "Content-Length: 0", *lines))

    assert status_of(answer) in (0, 400, 413, 431)
    assert is_alive(gateway)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"metadata":{"a":['])
def test_json_nested_without_end_is_refused(
    gateway: RunningGateway, ada: Person, opening: bytes
) -> None:
    answer = gateway.http.post(
        "/v1/assistants",
        headers=ada.headers() | {"content-type": "application/json"},
        content=opening * (BODY_BYTES // len(opening) - 1),
    )

    assert answer.status_code == 400
    assert is_alive(gateway)


@pytest.mark.parametrize(
    "number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5_000, "1" + "0" * 100_000]
)
def test_numbers_that_are_none_are_refused(
    gateway: RunningGateway, ada: Person, number: str
) -> None:
    answer = gateway.http.post(
        "/v1/assistants",
        headers=ada.headers() | {"content-type": "application/json"},
        content=f'{{"name": "Bent", "temperature": {number}}}'.encode(),
    )

    assert answer.status_code == 400
    assert ada.get("/v1/assistants")[1]["data"] == []
