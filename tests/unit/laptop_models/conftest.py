"""A shelf of wheels, a home, and somebody who watches the progress."""

from pathlib import Path

import pytest

from tests.unit.laptop_models.wheel_shelf import WheelShelf


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelShelf:
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return WheelShelf(folder)


class Watcher:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.steps: list[tuple[str, int]] = []
        self.ended: list[str] = []

    def begin(self, model_id: str, total_bytes: int) -> None:
        self.begun.append((model_id, total_bytes))

    def advance(self, model_id: str, done_bytes: int) -> None:
        self.steps.append((model_id, done_bytes))

    def end(self, model_id: str) -> None:
        self.ended.append(model_id)


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()
