"""Fetches the default models while pip is still installing; needs the standard library only.

Whatever goes wrong here is left to `make up` itself, which tries again and says it in a sentence.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from laptop.cores import usable_cores
from laptop.early_settings import chat_model, environment_with_path
from laptop.lifeline import kill_session, spawn
from laptop.models import (
    ModelEntry,
    ModelUnavailable,
    Silent,
    entry_named,
    fetch,
    is_present,
    read_catalogue,
)
from laptop.models.settings import read_settings

POLL_SECONDS = 0.2
EMBEDDING_MODEL = "multilingual-e5-small"
SPACY_MODEL = "en-core-web-sm"


def default_models(wanted: str | None) -> list[ModelEntry]:
    """The chat model first: it is the largest."""
    chat = wanted or default_chat_model(usable_cores())
    return [entry_named(name) for name in (chat, EMBEDDING_MODEL, SPACY_MODEL)]


def default_chat_model(cores: int) -> str:
    """The most demanding chat model that these cores can drive."""
    able = [
        (entry.min_cores, entry.id)
        for entry in read_catalogue().values()
        if entry.min_cores is not None and entry.min_cores <= cores
    ]
    return max(able)[1]


class ModelsMeanwhile:
    """Fetching in a process of its own; `python` must have pip."""

    def __init__(self, python: Path, log: Path) -> None:
        self._settings = read_settings()
        entries = default_models(chat_model())
        missing = [one for one in entries if not is_present(one, self._settings.home / "models")]
        self._missing_bytes = sum(entry.download_bytes for entry in missing)
        self._bytes_before = _bytes_in(self._settings.home / "models")
        if missing:
            print(f"Meanwhile fetching {self._missing_bytes / 1e6:,.0f} MB of models.", flush=True)
        command = [str(python), "-m", "laptop.models_ahead"]
        environment = environment_with_path(Path(__file__).parents[1])
        self._process = spawn(command, log, death_signal=signal.SIGTERM, environment=environment)

    def wait(self, show: Callable[[str, int, int], None]) -> None:
        while self._process.poll() is None:
            arrived = _bytes_in(self._settings.home / "models") - self._bytes_before
            show("fetching models, MB", arrived // 10**6, self._missing_bytes // 10**6)
            time.sleep(POLL_SECONDS)

    def end(self) -> None:
        kill_session(self._process)


@contextmanager
def models_meanwhile(python: Path, log: Path) -> Iterator[ModelsMeanwhile]:
    models = ModelsMeanwhile(python, log)
    try:
        yield models
    finally:
        models.end()


def _bytes_in(folder: Path) -> int:
    """What lies on the disk now, half-fetched files included."""
    total = 0
    for place, _, names in os.walk(folder):  # unlike rglob, it bears folders that go while we count
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(place, name).lstat().st_size
    return total


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the pip below is ended too
    for entry in default_models(chat_model()):
        with suppress(ModelUnavailable):
            fetch(entry, read_settings().home, Silent())


if __name__ == "__main__":
    main()
