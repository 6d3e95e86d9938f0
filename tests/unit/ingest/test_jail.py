"""The jail: what goes wrong inside ends there, with a reason, and the next file is read."""

import errno
import json
import logging
import time
from pathlib import Path

import pytest

from ingest.errors import InvalidFile
from ingest.parsing.confinement import JailLimits
from ingest.parsing.jail import Jail
from ingest.parsing.parsed import Parsed
from tests.support.waiting import wait_until

HOSTILE = "tests.unit.ingest.hostile_parsers"
LIMITS = JailLimits(wall_seconds=20, cpu_seconds=10, memory_bytes=512 << 20, written_bytes=4 << 20)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    source = tmp_path / "letter"
    source.write_text("Canary seventeen sings.")
    return source


def _misbehave(letter: Path, name: str, **limits: float) -> Parsed:
    return Jail(LIMITS.model_copy(update=limits), parser=HOSTILE).parse(letter, name)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("eat_memory", "more memory"),
        ("segfault", "made its reader crash"),
        ("abort", "made its reader crash"),
        ("leave_quietly", "made its reader crash"),
        ("write_nonsense", "made its reader crash"),
        ("write_for_ever", "could not be read"),
    ],
)
def test_a_parser_that_goes_wrong_is_refused_and_the_next_file_is_read(
    letter: Path, behaviour: str, reason: str
) -> None:
    with pytest.raises(InvalidFile, match=reason):
        _misbehave(letter, behaviour)

    assert _misbehave(letter, "read_well").text == "Canary seventeen sings."


def test_a_parser_that_hangs_is_stopped_at_the_wall_clock(letter: Path) -> None:
    started = time.monotonic()
    with pytest.raises(InvalidFile, match="took longer than 2 seconds"):
        _misbehave(letter, "hang", wall_seconds=2)

    assert time.monotonic() - started < 60


def test_a_parser_that_computes_for_ever_is_stopped_by_the_kernel(letter: Path) -> None:
    with pytest.raises(InvalidFile, match=r"took longer|too much time"):
        _misbehave(letter, "compute_for_ever", cpu_seconds=1, wall_seconds=60)


def test_a_grandchild_that_left_the_session_dies_too(letter: Path) -> None:
    before = _sleepers()
    with pytest.raises(InvalidFile, match="took longer"):
        _misbehave(letter, "leave_a_grandchild", wall_seconds=4)

    assert letter.with_name("grandchild").exists()
    wait_until(lambda: _sleepers() <= before, seconds=5, what="the grandchild to be gone")


def test_nothing_of_ours_is_seen_inside(letter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOA_SERVICE_SECRET", "canary-secret")
    seen = json.loads(_misbehave(letter, "look_around").text)

    assert not [name for name in seen["environment"] if name.startswith(("STOA_", "INGEST_"))]
    assert seen["core"] == "0"
    assert seen["folder"].rpartition("/")[2].startswith("stoa-parse-")


def test_the_network_is_closed_or_the_log_says_that_it_is_not(
    letter: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seen = json.loads(_misbehave(letter, "look_around").text)

    is_closed = seen["network"] == f"OSError{errno.ENETUNREACH}"
    is_told = "network open" in caplog.text
    assert is_closed is not is_told


def test_the_working_folder_is_gone_afterwards(letter: Path) -> None:
    seen = json.loads(_misbehave(letter, "look_around").text)

    assert not Path(seen["folder"]).exists()


def test_an_error_that_quotes_the_document_is_not_logged(
    letter: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(InvalidFile) as refusal:
        _misbehave(letter, "raise_an_error_quoting_the_document")

    assert "RuntimeError at" in caplog.text
    assert "Canary" not in caplog.text + refusal.value.message


def test_a_text_beyond_the_limit_is_refused(letter: Path) -> None:
    with pytest.raises(InvalidFile, match="longer than 10 characters"):
        _misbehave(letter, "read_well", text_characters=10)


def test_a_lost_lease_ends_the_child_at_once(letter: Path) -> None:
    started = time.monotonic()

    def lost() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        Jail(LIMITS, parser=HOSTILE).parse(letter, "hang", lost)

    assert time.monotonic() - started < 60


def _sleepers() -> set[str]:
    """Processes of this machine that run the hostile grandchild's command."""
    return {
        command.parent.name for command in Path("/proc").glob("[0-9]*/cmdline") if _sleeps(command)
    }


def _sleeps(command: Path) -> bool:
    try:
        return b"import time; time.sleep(3600)" in command.read_bytes()
    except OSError:  # gone meanwhile
        return False
