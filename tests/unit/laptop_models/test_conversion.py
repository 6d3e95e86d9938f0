"""The launcher has the embedding model converted once, and anew when the model changes."""

from pathlib import Path

import pytest

from laptop.models import ModelUnavailable, embedding_folder, entry_named
from laptop.models.catalogue import ModelEntry
from tests.support.models import embedding_source_path


@pytest.fixture
def e5(home: Path) -> ModelEntry:
    """The real entry, its file already in the home."""
    entry = entry_named("multilingual-e5-small")
    folder = home / "models" / entry.id
    folder.mkdir(parents=True)
    (folder / entry.file).symlink_to(embedding_source_path())
    return entry


def test_the_folder_is_made_once(e5: ModelEntry, home: Path) -> None:
    folder = embedding_folder(e5, home)
    made = (folder / "modules.json").stat().st_mtime_ns

    assert embedding_folder(e5, home) == folder
    assert (folder / "modules.json").stat().st_mtime_ns == made


def test_a_folder_made_of_another_file_is_made_anew(e5: ModelEntry, home: Path) -> None:
    folder = home / "models" / e5.id / "sentence-transformers"
    folder.mkdir(parents=True)
    (folder / "made-of.txt").write_text("an older model", "utf-8")

    assert (embedding_folder(e5, home) / "modules.json").exists()


def test_an_operators_ready_folder_is_taken_as_it_is(
    e5: ModelEntry, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = tmp_path / "ready"
    ready.mkdir()
    monkeypatch.setenv("STOA_MODEL_PATHS__MULTILINGUAL_E5_SMALL", str(ready))

    assert embedding_folder(e5, home) == ready


def test_a_conversion_that_fails_is_one_sentence(
    e5: ModelEntry, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.bin"
    with damaged.open("wb") as file:
        file.write(b"E5S1")
        file.truncate(e5.size_bytes)
    monkeypatch.setenv("STOA_MODEL_PATHS__MULTILINGUAL_E5_SMALL", str(damaged))

    with pytest.raises(ModelUnavailable, match=r"could not be converted: damaged\.bin"):
        embedding_folder(e5, home)
