"""A GGUF file becomes vLLM's folder once, and again only when something it is made of changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from laptop.models import ModelEntry, ModelUnavailable
from laptop.models.transformers_folder import Recipe, is_converted, transformers_folder

ENTRY = ModelEntry("tiny", "chat", "MIT", "tiny.gguf", 4, "a" * 64, ())
CONVERTER = """#!/bin/sh
# python -m laptop.models.convert_gguf --dtype D --source S --target T
echo run >> {runs}
mkdir "$8" || exit 1
echo "$4" > "$8/config.json"
{last}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "models" / "tiny" / "tiny.gguf"
    source.parent.mkdir(parents=True)
    source.write_text("gguf")
    return source


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """Python of an environment in which the converter is a shell script."""
    return Recipe(converter(tmp_path, "exit 0"), "float32")


def converter(home: Path, last: str) -> Path:
    python = home / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(CONVERTER.format(runs=home / "runs", last=last))
    python.chmod(0o755)
    return python


def runs(home: Path) -> int:
    return len((home / "runs").read_text().splitlines())


def with_version(home: Path, version: str) -> None:
    """Put `transformers` of that version into the converter's environment."""
    folder = home / "venv" / "lib" / "python3.11" / "site-packages"
    for old in folder.glob("transformers-*/*"):
        old.unlink()
        old.parent.rmdir()
    info = folder / f"transformers-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: transformers\nVersion: {version}")


def test_a_folder_is_made_once(tmp_path: Path, source: Path, recipe: Recipe) -> None:
    folders = [transformers_folder(ENTRY, source, tmp_path, recipe) for _ in range(2)]

    assert (folders[0] / "config.json").read_text() == "float32\n"
    assert runs(tmp_path) == 1
    assert is_converted(ENTRY, tmp_path, recipe)


def test_another_number_format_is_another_folder(
    tmp_path: Path, source: Path, recipe: Recipe
) -> None:
    transformers_folder(ENTRY, source, tmp_path, recipe)
    folder = transformers_folder(ENTRY, source, tmp_path, replace(recipe, dtype="bfloat16"))

    assert (folder / "config.json").read_text() == "bfloat16\n"
    assert sorted(path.name for path in source.parent.iterdir()) == ["tiny.gguf", "transformers"]


def test_another_model_or_another_converter_makes_it_again(
    tmp_path: Path, source: Path, recipe: Recipe
) -> None:
    with_version(tmp_path, "5.18.0")
    transformers_folder(ENTRY, source, tmp_path, recipe)
    transformers_folder(replace(ENTRY, sha256="b" * 64), source, tmp_path, recipe)
    with_version(tmp_path, "5.19.0")
    transformers_folder(replace(ENTRY, sha256="b" * 64), source, tmp_path, recipe)

    assert runs(tmp_path) == 3


def test_what_a_killed_conversion_left_is_no_folder(
    tmp_path: Path, source: Path, recipe: Recipe
) -> None:
    half = source.parent / "transformers.new"
    half.mkdir()
    (half / "model.safetensors").write_text("half of it")

    folder = transformers_folder(ENTRY, source, tmp_path, recipe)

    assert not (folder / "model.safetensors").exists()
    assert not half.exists()


def test_a_failed_conversion_keeps_the_folder_that_was_there(
    tmp_path: Path, source: Path, recipe: Recipe
) -> None:
    folder = transformers_folder(ENTRY, source, tmp_path, recipe)
    converter(tmp_path, "echo 'ValueError: no such architecture' >&2; exit 1")

    with pytest.raises(ModelUnavailable) as refused:
        transformers_folder(ENTRY, source, tmp_path, replace(recipe, dtype="bfloat16"))

    assert "tiny could not be converted: ValueError: no such architecture" in str(refused.value)
    assert (folder / "config.json").read_text() == "float32\n"


def test_an_operators_own_folder_is_used_as_it_is(tmp_path: Path, recipe: Recipe) -> None:
    own = tmp_path / "own"
    own.mkdir()

    assert transformers_folder(ENTRY, own, tmp_path, recipe) == own
    assert not (tmp_path / "runs").exists()
