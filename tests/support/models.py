"""Real models for tests, fetched and converted once into a cache that all runs share.

    embedding_model_path() -> a sentence-transformers folder (multilingual-e5-small, ONNX int8)
    chat_model_path()      -> a GGUF file (qwen2.5-coder-0.5b-instruct)
    spacy_model_path()     -> the folder en_core_web_sm; a parser runs in its parent

    models_home()          -> the folder that plays STOA_HOME; its `models` holds them all

That home is `$STOA_TEST_MODELS`, or `var` of the repository. Each call takes a file lock, so test
processes that run side by side download once; when all is there a call costs milliseconds.
"""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from laptop.models import embedding_folder, entry_named, fetch
from laptop.models.settings import REPOSITORY

CHAT_MODEL = "qwen2.5-coder-0.5b-instruct"
EMBEDDING_MODEL = "multilingual-e5-small"
SPACY_MODEL = "en-core-web-sm"


class TestModelSettings(BaseSettings):
    """STOA_TEST_MODELS: the home whose models tests use."""

    __test__ = False
    model_config = SettingsConfigDict(env_prefix="STOA_", env_ignore_empty=True)

    test_models: Path = REPOSITORY / "var"


def embedding_model_path() -> Path:
    return embedding_folder(entry_named(EMBEDDING_MODEL), models_home())


def embedding_source_path() -> Path:
    """The 4-bit file the folder is made of, for tests of the conversion."""
    return fetch(entry_named(EMBEDDING_MODEL), models_home())


def chat_model_path() -> Path:
    return fetch(entry_named(CHAT_MODEL), models_home())


def spacy_model_path() -> Path:
    return fetch(entry_named(SPACY_MODEL), models_home())


def models_home() -> Path:
    return TestModelSettings().test_models.expanduser().resolve()
