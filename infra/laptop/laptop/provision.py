"""The models an installation runs with: chosen by the machine, fetched, and ready to load."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from laptop.errors import CannotStart
from laptop.models import ModelUnavailable, Progress, Silent, embedding_folder, fetch, is_present
from laptop.models.conversion import FOLDER
from laptop.models.terminal_progress import terminal_progress
from laptop.models_ahead import default_models
from laptop.places import Place
from laptop.settings import LaptopSettings


@dataclass(frozen=True)
class Models:
    """The fetched models this installation runs with."""

    chat_id: str
    chat_file: Path
    embedding_folder: Path
    spacy_folder: Path


def fetch_models(settings: LaptopSettings, place: Place) -> Models:
    """What is there already costs nothing; the rest comes under bars."""
    try:
        entries = default_models(settings.chat_model)
        chat, embedder, _ = entries
        folder = place.home / "models"
        with _bars(any(not is_present(entry, folder) for entry in entries)) as bars:
            chat_file, _, spacy_folder = (fetch(entry, place.home, bars) for entry in entries)
        if not (folder / embedder.id / FOLDER).exists():
            print("Preparing the embedding model for this machine, once: a few seconds.")
        embedding = embedding_folder(embedder, place.home)
    except ModelUnavailable as problem:
        raise CannotStart(str(problem)) from problem
    return Models(chat.id, chat_file, embedding, spacy_folder)


def _bars(are_wanted: bool) -> AbstractContextManager[Progress]:
    """Bars that would show nothing still print an empty line."""
    return terminal_progress() if are_wanted else nullcontext(Silent())
