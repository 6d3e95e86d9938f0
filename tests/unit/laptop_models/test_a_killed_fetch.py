"""Killing whoever fetches leaves no pip behind."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import create_server

import pytest

from laptop.settings import inherited_environment
from tests.support.waiting import wait_until


@pytest.fixture
def silent_registry() -> Iterator[str]:
    """A registry that takes connections and never answers."""
    with create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"


def processes_naming(folder: Path) -> list[str]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().decode("utf-8", "replace"))
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue
    return [line for line in lines if str(folder) in line]


def test_pip_ends_with_its_parent(tmp_path: Path, silent_registry: str) -> None:
    pip = {"PIP_INDEX_URL": silent_registry, "PIP_NO_CACHE_DIR": "1"}
    fetching = subprocess.Popen(
        [sys.executable, "-m", "laptop.models", "fetch", "smollm2-135m-instruct"],
        env={**inherited_environment(), **pip, "STOA_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: processes_naming(tmp_path), seconds=60, what="pip to start")
    fetching.kill()
    fetching.wait()

    wait_until(lambda: not processes_naming(tmp_path), seconds=30, what="pip to end")
