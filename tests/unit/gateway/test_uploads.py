"""Files: what is taken, what is refused, and how they are given out."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.settings import KnowledgeLimits
from tests.support.gateway import Person, RunningGateway, gateway_settings, running_gateway

LIMIT = 64 << 10


@pytest.fixture
def narrow_gateway(database_url: str, tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway that takes files up to 64 KiB."""
    limits = KnowledgeLimits(file_bytes=LIMIT)
    settings = gateway_settings(database_url, tmp_path, knowledge=limits)
    with running_gateway(database_url, tmp_path, settings=settings) as running:
        yield running


def _stored(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file()]


def test_bytes_come_back_as_they_went(ada: Person, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5_000
    status, file = ada.upload("rules.pdf", content)
    answer = ada.http.get(f"/v1/files/{file['id']}/content", headers=ada.headers())

    assert (status, file["bytes"], file["object"]) == (200, len(content), "file")
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(content).digest()
    assert len(_stored(tmp_path)) == 1


def test_content_is_a_download_that_no_browser_shows(ada: Person) -> None:
    _, file = ada.upload('evil".html', b"<script>alert(1)</script>")
    answer = ada.http.get(f"/v1/files/{file['id']}/content", headers=ada.headers())

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-disposition"].count('"') == 2


def test_an_empty_file_is_taken(ada: Person) -> None:
    status, file = ada.upload("empty.txt", b"")

    assert (status, file["bytes"]) == (200, 0)


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + (200 << 10)])
def test_a_file_over_the_limit_is_refused_in_words_and_leaves_nothing(
    narrow_gateway: RunningGateway, tmp_path: Path, size: int
) -> None:
    ada = narrow_gateway.enrol("Ada")
    status, problem = ada.upload("big.txt", b"x" * size)
    after, _ = ada.upload("small.txt", b"x" * LIMIT)

    assert (status, problem["code"]) == (413, "file_too_large")
    assert "64 KiB" in problem["message"]
    assert after == 200
    assert [path.stat().st_size for path in _stored(tmp_path)] == [LIMIT]


def test_a_length_that_lies_does_not_get_past_the_limit(narrow_gateway: RunningGateway) -> None:
    ada = narrow_gateway.enrol("Ada")

    def pieces() -> Iterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(20):
            yield b"y" * (8 << 10)
        yield b"\r\n--x--\r\n"

    answer = ada.http.post(
        "/v1/files",
        content=pieces(),
        headers={**ada.headers(), "content-type": "multipart/form-data; boundary=x"},
    )

    assert answer.status_code == 413


def test_a_name_is_only_a_label(ada: Person, tmp_path: Path) -> None:
    _, file = ada.upload("../../etc/pass\nwd\u202e.txt", b"text")

    assert file["filename"].startswith("pass")
    assert not set(file["filename"]) & set("/\\\n\u202e")
    assert all("pass" not in path.name for path in _stored(tmp_path))


def test_a_form_without_a_file_is_refused(ada: Person) -> None:
    answer = ada.http.post("/v1/files", headers=ada.headers(), files={"other": ("a.txt", b"a")})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_form")


def test_a_body_that_is_no_form_is_refused(ada: Person) -> None:
    status, problem = ada.post("/v1/files", {"file": "text"})

    assert (status, problem["code"]) == (400, "malformed_form")


def test_an_unknown_purpose_is_refused_and_leaves_nothing(ada: Person, tmp_path: Path) -> None:
    status, problem = ada.upload("a.txt", b"a", purpose="fine-tune")

    assert (status, problem["param"]) == (400, "purpose")
    assert _stored(tmp_path) == []


def test_foreign_files_are_unknown(ada: Person, bob: Person) -> None:
    _, file = ada.upload("a.txt", b"a")
    path = f"/v1/files/{file['id']}"

    assert bob.get(path)[0] == 404
    assert bob.get(path + "/content")[0] == 404
    assert bob.delete(path)[0] == 404
    assert bob.get("/v1/files")[1]["data"] == []


def test_an_unused_file_is_deleted_with_its_bytes(ada: Person, tmp_path: Path) -> None:
    _, file = ada.upload("a.txt", b"a")
    ada.delete(f"/v1/files/{file['id']}")

    assert ada.get(f"/v1/files/{file['id']}")[0] == 404
    assert _stored(tmp_path) == []
