"""Has `libs/embedding` turn the fetched file into the folder an embedder loads, once."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from signal import SIGKILL

from laptop.lifeline import tie_to_parent
from laptop.models.catalogue import ModelEntry
from laptop.models.errors import ModelUnavailable
from laptop.models.fetching import fetch, only_one
from laptop.models.progress import Progress

FOLDER = "sentence-transformers"
MADE_OF = "made-of.txt"


def embedding_folder(entry: ModelEntry, home: Path, progress: Progress | None = None) -> Path:
    """An embedding model's sentence-transformers folder, fetched and converted when missing."""
    source = fetch(entry, home, progress)
    if source.is_dir():  # the operator named a folder that is ready
        return source
    models = home / "models"
    folder = models / entry.id / FOLDER
    with only_one(models, entry.id):
        if not _is_made_of(folder, entry):
            _convert(entry, source, folder)
    return folder


def _is_made_of(folder: Path, entry: ModelEntry) -> bool:
    note = folder / MADE_OF
    return note.exists() and note.read_text("utf-8").strip() == entry.sha256


def _convert(entry: ModelEntry, source: Path, folder: Path) -> None:
    """In a process of its own: the launcher keeps none of its memory, and imports no library."""
    command = [sys.executable, "-m", "embedding.convert"]
    command += ["--source", str(source), "--target", str(folder), "--model-id", entry.id]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(tie_to_parent, SIGKILL),
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise ModelUnavailable(f"The model {entry.id} could not be converted: {lines[-1]}")
    (folder / MADE_OF).write_text(entry.sha256 + "\n", "utf-8")
