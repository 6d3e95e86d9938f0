"""The pictures of README and docs: all there, all light, all made by a command."""

import re
from pathlib import Path

from infra.screenshots.__main__ import SHOTS
from infra.screenshots.camera import MOST_BYTES

ROOT = Path(__file__).parents[2]
PLOTTED = {"quality.svg"}
"""What `make bench` draws."""


def shown() -> set[Path]:
    """Every picture that a page names."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {
        (page.parent / (name or source)).resolve()
        for page in pages
        for name, source in re.findall(
            r"!\[[^\]]*\]\(([^)]+)\)|<img src=\"([^\"]+)\"", page.read_text()
        )
    }


def test_every_picture_is_shown_and_every_shown_one_is_there() -> None:
    assert shown() == set((ROOT / "docs" / "images").iterdir())


def test_pictures_are_light() -> None:
    assert [path.name for path in shown() if path.stat().st_size > MOST_BYTES] == []


def test_every_picture_is_made_by_a_command() -> None:
    assert {path.name for path in shown()} - PLOTTED == {f"{shot.name}.png" for shot in SHOTS}
