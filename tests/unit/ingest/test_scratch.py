"""Scratch folders: private, gone with their process, never taken from a living one."""

from pathlib import Path

from ingest.scratch import scratch


def test_a_folder_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    with scratch(tmp_path / "home") as folder:
        mode = folder.stat().st_mode & 0o777

    assert (mode, folder.exists()) == (0o700, False)


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "killed"
    left.mkdir()
    (left / "source").write_text("somebody's letter")
    with scratch(tmp_path):
        is_left = left.exists()

    assert not is_left


def test_the_folder_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    with scratch(tmp_path) as first, scratch(tmp_path) as second:
        are_both_there = first.is_dir() and second.is_dir()

    assert are_both_there
    assert first != second
