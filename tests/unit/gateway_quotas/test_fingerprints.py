"""Which requests count as the same under one key, and how an answer is kept."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from gateway.idempotency.errors import InvalidIdempotencyKey
from gateway.idempotency.rules import KeptAnswer, Seal
from gateway.request_fingerprint import RequestFingerprint

BODY = b'{"model":"simulator"}'


def fingerprint(
    *blocks: bytes, path: str = "/v1/files", query: bytes = b"", media_type: str = "text/plain"
) -> str:
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": query,
        "headers": [(b"content-type", media_type.encode())],
    }
    found = RequestFingerprint(scope)
    for block in blocks:
        found.feed(block)
    return found.hexdigest()


def of_form(boundary: str, filename: str = "a.txt", content: str = "x", step: int = 7) -> str:
    """The fingerprint of an upload, cut into blocks of so many bytes."""
    field = 'Content-Disposition: form-data; name="purpose"'
    file = f'Content-Disposition: form-data; name="file"; filename="{filename}"'
    parts = [f"{field}\r\n\r\nassistants", f"{file}\r\nContent-Type: text/plain\r\n\r\n{content}"]
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    blocks = [body[start : start + step].encode() for start in range(0, len(body), step)]
    return fingerprint(*blocks, media_type=f"multipart/form-data; boundary={boundary}")


def test_the_same_bytes_are_the_same_however_they_are_cut() -> None:
    assert fingerprint(BODY) == fingerprint(BODY[:5], b"", BODY[5:])


def test_path_query_and_body_make_a_difference() -> None:
    prints = {
        fingerprint(BODY),
        fingerprint(BODY + b" "),
        fingerprint(BODY, path="/v1/fil"),
        fingerprint(BODY, query=b"a=1"),
    }

    assert len(prints) == 4


def test_a_form_is_the_same_under_another_boundary() -> None:
    assert of_form("first-boundary") == of_form("another", step=50)


@pytest.mark.parametrize(
    ("filename", "content"), [("b.txt", "x"), ("a.txt", "y"), ("a.txt", "x\r\n")]
)
def test_another_file_is_another_form(filename: str, content: str) -> None:
    assert of_form("boundary") != of_form("boundary", filename, content)


def test_what_only_looks_like_a_form_is_told_apart_by_its_bytes() -> None:
    media_type = "multipart/form-data; boundary=none-of-these"

    assert fingerprint(b"one", media_type=media_type) != fingerprint(b"two", media_type=media_type)


@pytest.mark.parametrize("key", ["", " lead", "x" * 256, "tab\there", "é", "年"])
def test_an_odd_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidIdempotencyKey):
        Seal("sk-stoa-token", key)


def test_an_answer_is_sealed_by_the_callers_token() -> None:
    answer = KeptAnswer(200, (("content-type", "application/json"),), b"a secret\nof two lines")
    ada, bob = Seal("sk-stoa-ada", "order 7"), Seal("sk-stoa-bob", "order 7")
    sealed = ada.seal(answer)

    assert ada.open(sealed) == answer
    assert b"secret" not in sealed
    assert ada.entry_id != bob.entry_id
    with pytest.raises(InvalidTag):
        bob.open(sealed)


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(200, True), (201, True), (400, True), (404, True), (422, True)]
    + [(status, False) for status in (401, 408, 409, 429, 500, 503)],
)
def test_an_answer_that_would_be_the_same_again_is_kept(status: int, is_final: bool) -> None:
    assert KeptAnswer(status, (), b"{}").is_final is is_final


@pytest.mark.parametrize(
    ("body", "is_final"),
    [
        (b'data: {"choices":[]}\n\ndata: [DONE]\n\n', True),
        (b'data: {"choices":[]}\n\ndata: {"error":{}}\n\n', False),
        (b'data: {"choices":[]}\n\n', False),
    ],
)
def test_a_stream_is_kept_only_to_its_end(body: bytes, is_final: bool) -> None:
    headers = (("content-type", "text/event-stream; charset=utf-8"),)

    assert KeptAnswer(200, headers, body).is_final is is_final
