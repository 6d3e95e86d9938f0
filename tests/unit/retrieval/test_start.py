"""`python -m retrieval`: starts, stops, and says in one sentence why it cannot start."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from retrieval.__main__ import main
from runtime.starting import BAD_CONFIGURATION
from tests.support.engines import free_port
from tests.support.waiting import wait_until

GOOD = {
    "RETRIEVAL_EMBEDDING_PATH": "hashing",
    "STOA_SERVICE_SECRET": "a secret of the test installation, 32+",
}


def command_and_environment(**environment: str) -> tuple[list[str], dict[str, str]]:
    path = ":".join(entry for entry in sys.path if entry)
    return [sys.executable, "-m", "retrieval"], {"PYTHONPATH": path, **environment}


@contextmanager
def started(**environment: str) -> Iterator[subprocess.Popen[str]]:
    command, environment = command_and_environment(**environment)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def is_ready(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/health/ready").status_code == 200
    except httpx2.TransportError:
        return False


def test_it_becomes_ready_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    places = {"RETRIEVAL_INDEX_PATH": str(tmp_path / "index"), "RETRIEVAL_PORT": str(port)}

    with started(**GOOD, **places) as process:
        wait_until(lambda: is_ready(address), seconds=30, what="retrieval to be ready")
        process.terminate()
        process.wait(20)

    assert process.returncode == 0


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        (GOOD | {"RETRIEVAL_EMBEDDING_PATH": "/nowhere"}, "RETRIEVAL_EMBEDDING_PATH"),
        (GOOD | {"RETRIEVAL_PORT": "http"}, "RETRIEVAL_PORT"),
        (GOOD | {"RETRIEVAL_QDRANT_URL": "not an address"}, "RETRIEVAL_QDRANT_URL"),
        (GOOD | {"RETRIEVAL_LIMITS__RUNNING_SEARCHES": "0"}, "RETRIEVAL_LIMITS__RUNNING_SEARCHES"),
        ({"RETRIEVAL_EMBEDDING_PATH": "hashing"}, "STOA_SERVICE_SECRET_FILE"),
        (GOOD | {"STOA_SERVICE_SECRET": "short"}, "STOA_SERVICE_SECRET"),
        (
            {"RETRIEVAL_EMBEDDING_PATH": "hashing", "STOA_SERVICE_SECRET_FILE": "/nowhere"},
            "service secret",
        ),
    ],
)
def test_a_bad_configuration_is_one_sentence_and_exit_code_2(
    environment: dict[str, str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == BAD_CONFIGURATION
    said = capsys.readouterr().err
    assert named in said
    assert said.count("\n") == 1


def test_the_process_ends_with_that_sentence_and_no_traceback() -> None:
    command, environment = command_and_environment(**GOOD, RETRIEVAL_PORT="http")

    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == BAD_CONFIGURATION
    assert ended.stderr.startswith("retrieval cannot start: RETRIEVAL_PORT")
    assert ended.stderr.count("\n") == 1
