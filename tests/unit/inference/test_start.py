"""`python -m inference`: a bad configuration is one sentence, and nothing outlives the process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.engines import free_port
from tests.support.models import chat_model_path
from tests.support.waiting import wait_until

SIMULATOR = {"kind": "simulator"}


def environment(port: int, *engines: object) -> dict[str, str]:
    return {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "STOA_SERVICE_SECRET": "a secret of the test installation, 32+",
        "INFERENCE_PORT": str(port),
        "INFERENCE_ENGINES": json.dumps(engines),
    }


@contextmanager
def inference(port: int, *engines: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "inference"],
        env=environment(port, *engines),
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("engines", "reason"),
    [
        ([{"kind": "telepathy"}], "telepathy"),
        (
            [{"kind": "llamacpp", "model": "m", "path": "/nowhere.gguf"}],
            "INFERENCE_ENGINES: 0.llamacpp.path",
        ),
        ([SIMULATOR, SIMULATOR], "two engines serve simulator"),
        ([{"kind": "openai", "model": "m", "url": "http://127.0.0.1:9"}], "needs a price"),
        ([], "INFERENCE_ENGINES"),
    ],
)
def test_a_bad_configuration_is_refused_in_one_sentence(engines: list[object], reason: str) -> None:
    with inference(free_port(), *engines) as process:
        _, said = process.communicate(timeout=60)

    assert process.returncode == 2
    assert said.startswith("inference cannot start: ")
    assert reason in said
    assert len(said.strip().splitlines()) == 1


def test_it_starts_and_is_ready() -> None:
    port = free_port()
    with inference(port, SIMULATOR):
        wait_until(lambda: _is_ready(port), seconds=60, what="inference to be ready")


def test_a_killed_service_leaves_no_child() -> None:
    port = free_port()
    engine = {
        "kind": "llamacpp",
        "model": "qwen2.5-coder-0.5b-instruct",
        "path": str(chat_model_path()),
        "window_tokens": 256,
    }
    with inference(port, engine) as process:
        children = wait_until(lambda: _children(process.pid), seconds=60, what="the child")
        process.send_signal(signal.SIGKILL)
    gone = wait_until(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in children),
        seconds=10,
        what="the child to end",
    )

    assert gone


def _is_ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/ready").is_success
    except httpx2.HTTPError:
        return False


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in tasks for child in each.read_text().split()]
