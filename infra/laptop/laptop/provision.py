"""The models an installation runs with: chosen by the machine, fetched, and ready to load."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from laptop.errors import CannotStart
from laptop.models import (
    ModelEntry,
    ModelUnavailable,
    Progress,
    Silent,
    embedding_folder,
    fetch,
    is_present,
)
from laptop.models.conversion import FOLDER
from laptop.models.terminal_progress import terminal_progress
from laptop.models.transformers_folder import Recipe, is_converted, transformers_folder
from laptop.models_ahead import default_models
from laptop.places import Place
from laptop.settings import REPOSITORY, LaptopSettings
from laptop.vllm import dtype_here, vllm_python


@dataclass(frozen=True)
class Models:
    """The fetched models this installation runs with.

    vllm_folder: the chat model as vLLM reads it. None: llama.cpp runs it.
    """

    chat_id: str
    chat_file: Path
    embedding_folder: Path
    spacy_folder: Path
    vllm_folder: Path | None = None


def fetch_models(settings: LaptopSettings, place: Place, repository: Path = REPOSITORY) -> Models:
    """What is there already costs nothing; the rest comes under bars."""
    if settings.engine == "vllm":
        _refuse_missing_vllm(repository)
    try:
        entries = default_models(settings.chat_model)
        chat, embedder, _ = entries
        folder = place.home / "models"
        with _bars(any(not is_present(entry, folder) for entry in entries)) as bars:
            chat_file, _, spacy_folder = (fetch(entry, place.home, bars) for entry in entries)
        if not (folder / embedder.id / FOLDER).exists():
            print("Preparing the embedding model for this machine, once: a few seconds.")
        embedding = embedding_folder(embedder, place.home)
        vllm_folder = None
        if settings.engine == "vllm":
            vllm_folder = _vllm_folder(chat, chat_file, place)
    except ModelUnavailable as problem:
        raise CannotStart(str(problem)) from problem
    return Models(chat.id, chat_file, embedding, spacy_folder, vllm_folder)


def _refuse_missing_vllm(repository: Path) -> None:
    if not vllm_python(repository).exists():
        raise CannotStart("vLLM is not installed here yet: `make up ENGINE=vllm` does it.")


def _vllm_folder(chat: ModelEntry, chat_file: Path, place: Place) -> Path:
    recipe = Recipe(vllm_python(REPOSITORY), dtype_here())
    if chat_file.is_file() and not is_converted(chat, place.home, recipe):
        print("Turning the chat model into vLLM's format, once: one or two minutes.", flush=True)
    return transformers_folder(chat, chat_file, place.home, recipe)


def _bars(are_wanted: bool) -> AbstractContextManager[Progress]:
    """Bars that would show nothing still print an empty line."""
    return terminal_progress() if are_wanted else nullcontext(Silent())
