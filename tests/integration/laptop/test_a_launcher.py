"""The launcher as a process: started, stopped, killed and looked at from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from laptop.process_table import mark_of, members
from tests.support.engines import free_port
from tests.support.waiting import wait_until

REPOSITORY = Path(__file__).parents[3]
SMALL_STOA = Path(__file__).with_name("small_stoa.py")
READY_SECONDS = 30.0
STOP_SECONDS = 15.0
WEB_PORT = 8000

Starting = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def offset() -> int:
    return free_port() - WEB_PORT


@pytest.fixture
def start(home: Path, offset: int) -> Iterator[Starting]:
    """Starts a launcher over the small programs; whatever a failing test leaves is cleared away."""
    started: list[subprocess.Popen[str]] = []

    def launcher(extra: str = "", shift: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, str(SMALL_STOA), str(home), str(offset + shift)]
        process = subprocess.Popen(
            [*command, *([extra] if extra else [])],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": "infra/laptop"},  # noqa: TID251 - handed on
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield launcher
    for process in started:
        process.kill()
        process.communicate()
    wait_until(lambda: not alive(home), seconds=STOP_SECONDS, what="the watchman's work")


def alive(home: Path) -> list[int]:
    """Everything of this installation but its watchman, who carries no mark."""
    return members(mark_of(home))


def is_ready(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "ready\n"


def state_of(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "run" / "launcher.json").read_text())
    return found


def runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def children_of(session: int) -> list[int]:
    return members("no such mark", [session])


def test_ctrl_c_stops_everything_in_order(start: Starting, home: Path) -> None:
    launcher = start()
    assert is_ready(launcher)

    launcher.send_signal(signal.SIGINT)

    assert launcher.wait(STOP_SECONDS) == 0
    assert alive(home) == []
    assert not (home / "run" / "launcher.json").exists()


def test_a_deaf_program_is_killed_within_its_grace(start: Starting, home: Path) -> None:
    launcher = start("deaf")
    assert is_ready(launcher)

    launcher.send_signal(signal.SIGTERM)

    assert launcher.wait(STOP_SECONDS) == 0
    assert alive(home) == []


def test_a_killed_launcher_leaves_no_process(start: Starting, home: Path) -> None:
    launcher = start("deaf")
    assert is_ready(launcher)
    family = children_of(state_of(home)["pids"]["family"])

    launcher.kill()

    def nobody() -> bool:
        return not alive(home) and not any(map(runs, family))

    assert len(family) == 2  # one that carries the mark, and one with an empty environment
    wait_until(nobody, seconds=STOP_SECONDS, what="the end of every process")


def test_a_crashed_program_is_started_again(start: Starting, home: Path) -> None:
    assert is_ready(start())
    before = state_of(home)["pids"]["web"]

    os.kill(before, signal.SIGKILL)

    def again() -> bool:
        return bool(state_of(home)["pids"].get("web", before) != before)

    wait_until(again, seconds=STOP_SECONDS, what="a new process for web")


def test_a_program_that_cannot_start_stops_all(start: Starting, home: Path) -> None:
    launcher = start("broken")

    _, said = launcher.communicate(timeout=READY_SECONDS)

    assert said == "broken ended with exit code 3 before it was ready.\n"
    assert launcher.returncode == 1
    assert alive(home) == []
    assert "I have no roof" in (home / "logs" / "broken.log").read_text()


def test_a_second_launcher_is_refused(start: Starting, home: Path) -> None:
    assert is_ready(start())

    _, said = start(shift=1).communicate(timeout=READY_SECONDS)

    assert said == "Stoa is already running or starting here.\n"
    assert state_of(home)["phase"] == "ready"


def test_a_launcher_clears_away_what_a_killed_one_left(start: Starting, home: Path) -> None:
    first = start("deaf")
    assert is_ready(first)
    old = alive(home)
    first.kill()

    assert is_ready(start())
    assert not set(old) & set(alive(home))


def test_a_taken_port_is_named_before_anything_starts(
    start: Starting, home: Path, offset: int
) -> None:
    with socket.create_server(("127.0.0.1", WEB_PORT + offset)):
        launcher = start()
        _, said = launcher.communicate(timeout=READY_SECONDS)

    assert launcher.returncode == 1
    assert said.startswith(f"Port {WEB_PORT + offset}, which web needs, is taken")
    assert "STOA_PORT_OFFSET" in said
    assert list((home / "logs").iterdir()) == []


def test_each_start_keeps_the_last_log_aside(start: Starting, home: Path) -> None:
    first = start()
    assert is_ready(first)
    first.send_signal(signal.SIGTERM)
    first.wait(STOP_SECONDS)

    assert is_ready(start())
    assert (home / "logs" / "family.log.1").read_text() == "family ready\n"


def verb(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    ours = {"PYTHONPATH": "infra/laptop", "STOA_HOME": str(home), **more}
    return subprocess.run(
        [sys.executable, "-m", "laptop", *words],
        cwd=REPOSITORY,
        env={**os.environ, **ours},  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        check=False,
    )


def test_down_stops_a_launcher_from_another_terminal(start: Starting, home: Path) -> None:
    launcher = start()
    assert is_ready(launcher)

    done = verb(home, "down")

    assert (done.returncode, done.stdout) == (0, "Stoa has stopped.\n")
    assert launcher.wait(STOP_SECONDS) == 0
    assert alive(home) == []


def test_down_with_nothing_running_is_no_error(home: Path) -> None:
    done = verb(home, "down")

    assert (done.returncode, done.stdout) == (0, "Stoa is not running.\n")


def test_status_names_addresses_and_processes(start: Starting, home: Path, offset: int) -> None:
    assert is_ready(start())

    done = verb(home, "status")

    assert done.returncode == 0
    assert "Stoa is ready" in done.stdout
    assert f"http://127.0.0.1:{WEB_PORT + offset}" in done.stdout
    assert f"process {state_of(home)['pids']['web']}" in done.stdout


def test_logs_are_shown_by_name(start: Starting, home: Path) -> None:
    assert is_ready(start())

    done = verb(home, "logs", "family")

    assert done.stdout.split() == ["family", "|", "family", "ready"]


def test_a_second_up_names_the_addresses_of_the_first(
    start: Starting, home: Path, offset: int
) -> None:
    assert is_ready(start())

    done = verb(home, "up")

    assert done.returncode == 0
    assert done.stdout.startswith("Stoa is already ready")
    assert f"http://127.0.0.1:{WEB_PORT + offset}" in done.stdout


def test_an_impossible_offset_names_its_setting(home: Path) -> None:
    done = verb(home, "status", STOA_PORT_OFFSET="a lot")

    assert done.returncode == 2
    assert done.stderr.startswith("STOA_PORT_OFFSET: ")
    assert done.stderr.count("\n") == 1
