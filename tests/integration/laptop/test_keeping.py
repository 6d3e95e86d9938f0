"""`make backup`, `make restore` and `make seed` where they can only say no."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from laptop.places import FIRST_PORTS
from laptop.process_table import mark_of, members
from tests.support.engines import free_port

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def _verb(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    offset = (free_port() - FIRST_PORTS["postgres"]) % 10_000
    ours = {"STOA_HOME": str(home), "STOA_PORT_OFFSET": str(offset)}
    return subprocess.run(
        [sys.executable, "-m", "laptop", *words],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path), **ours},  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_there_is_nothing_to_back_up_before_the_first_start(home: Path) -> None:
    done = _verb(home, "backup")

    assert (done.returncode, done.stderr) == (1, f"There is nothing in {home} to back up.\n")
    assert not home.exists()


def test_seeding_wants_a_stoa_that_runs(home: Path) -> None:
    done = _verb(home, "seed")

    assert done.returncode == 1
    assert done.stderr.startswith("Stoa is not running")


def test_what_is_no_backup_is_not_restored_and_nothing_keeps_running(
    home: Path, tmp_path: Path
) -> None:
    done = _verb(home, "restore", str(tmp_path))

    assert done.returncode == 1
    assert f"Nothing was restored: {tmp_path} has no manifest.json" in done.stderr
    assert members(mark_of(home)) == []
