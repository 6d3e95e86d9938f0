"""Has a chat model's GGUF file turned into the folder that vLLM loads, once."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import Distribution
from pathlib import Path
from signal import SIGKILL

from laptop.early_settings import environment_with_path
from laptop.lifeline import tie_to_parent
from laptop.models.catalogue import ModelEntry
from laptop.models.errors import ModelUnavailable
from laptop.models.fetching import only_one

FOLDER = "transformers"
MADE_OF = "made-of.json"
CONVERTERS = ("transformers", "gguf", "torch")
# Bytes of the folder for a byte of a 4-bit file: at most, the catalogue's are below.
GROWTH = {"float32": 6, "bfloat16": 3}


@dataclass(frozen=True)
class Recipe:
    """How folders are made here: by which Python, in which number format."""

    python: Path
    dtype: str

    def note(self, entry: ModelEntry) -> Mapping[str, str]:
        """What a folder is made of; another note means another folder."""
        site_packages = [str(each) for each in self.python.parents[1].glob("lib/python3*/site-*")]
        versions = {
            name: found.version
            for name in CONVERTERS
            for found in Distribution.discover(name=name, path=site_packages)
        }
        return {"sha256": entry.sha256, "dtype": self.dtype, **versions}


def is_converted(entry: ModelEntry, home: Path, recipe: Recipe) -> bool:
    return _noted(home / "models" / entry.id / FOLDER) == recipe.note(entry)


def transformers_folder(entry: ModelEntry, source: Path, home: Path, recipe: Recipe) -> Path:
    """The folder made of `source`; a folder that an operator named is believed to be one."""
    if source.is_dir():
        return source
    models = home / "models"
    folder = models / entry.id / FOLDER
    with only_one(models, f"{entry.id}.{FOLDER}"):
        if not is_converted(entry, home, recipe):
            try:
                _make(entry, source, folder, recipe)
            except OSError as problem:
                raise ModelUnavailable(
                    f"The model {entry.id} could not be stored in {folder}: {problem.strerror}."
                ) from problem
    return folder


def _make(entry: ModelEntry, source: Path, folder: Path, recipe: Recipe) -> None:
    fresh, old = folder.with_name(f"{FOLDER}.new"), folder.with_name(f"{FOLDER}.old")
    for leftover in (fresh, old):  # of a start that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _refuse_full_disk(entry, folder.parent, GROWTH[recipe.dtype] * source.stat().st_size)
    _convert(entry, source, fresh, recipe)
    (fresh / MADE_OF).write_text(json.dumps(recipe.note(entry), indent=2) + "\n", "utf-8")
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _refuse_full_disk(entry: ModelEntry, folder: Path, needed_bytes: int) -> None:
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise ModelUnavailable(
            f"The disk has too little room: {entry.id} needs {needed_bytes / 1e9:.1f} GB in"
            f" {folder} to be turned into vLLM's format, but {free_bytes / 1e9:.1f} GB are free."
        )


def _convert(entry: ModelEntry, source: Path, target: Path, recipe: Recipe) -> None:
    """In vLLM's own environment: its versions must be able to read what is written."""
    command = [str(recipe.python), "-m", "laptop.models.convert_gguf", "--dtype", recipe.dtype]
    done = subprocess.run(
        [*command, "--source", str(source), "--target", str(target)],
        env=environment_with_path(Path(__file__).parents[2]),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(tie_to_parent, SIGKILL),
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise ModelUnavailable(f"The model {entry.id} could not be converted: {lines[-1]}")


def _noted(folder: Path) -> Mapping[str, str] | None:
    try:
        note: Mapping[str, str] = json.loads((folder / MADE_OF).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return note
