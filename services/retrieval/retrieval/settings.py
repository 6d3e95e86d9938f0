"""Retrieval's settings (prefix `RETRIEVAL_`) with laptop defaults."""

from pathlib import Path
from typing import Self

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from runtime.secret_files import FileSettings
from runtime.settings import SharedSettings

WORDS = "words"
"""The reranker path that selects the deterministic twin."""
HASHING = "hashing"
"""The embedding path that selects the deterministic twin: no model file, no meaning either."""


class Limits(BaseModel):
    """Bounds on what retrieval does at once; whoever comes beyond them gets a 503."""

    model_config = ConfigDict(frozen=True)

    running_searches: int = Field(default=4, gt=0)
    waiting_searches: int = Field(default=64, ge=0)
    running_writes: int = Field(default=2, gt=0)
    waiting_writes: int = Field(default=16, ge=0)
    running_embeddings: int = Field(default=2, gt=0)
    waiting_embeddings: int = Field(default=32, ge=0)
    batch_bytes: int = Field(default=32 << 20, gt=0)
    cached_questions: int = Field(default=256, ge=0)
    qdrant_timeout_seconds: int = Field(default=10, gt=0)


class Settings(FileSettings):
    """Everything retrieval can be told."""

    model_config = SettingsConfigDict(
        env_prefix="RETRIEVAL_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=1, le=65_535)
    index_path: Path = Path("var/index")
    qdrant_url: AnyHttpUrl | None = None  # None: the embedded engine, in index_path
    qdrant_api_key: SecretStr | None = None
    embedding_path: str = "var/models/multilingual-e5-small/sentence-transformers"
    embedding_threads: int = Field(default=1, ge=1, le=64)
    reranker_path: str | None = None
    """A folder with a CrossEncoder of sentence-transformers; None: what search says stands."""
    limits: Limits = Limits()
    shared: SharedSettings = Field(default_factory=SharedSettings)

    @model_validator(mode="after")
    def _needs_models(self) -> Self:
        if self.embedding_path != HASHING and not Path(self.embedding_path).is_dir():
            raise ValueError(
                "RETRIEVAL_EMBEDDING_PATH names no folder; "
                "fetch the model with `make models`, or say `hashing`"
            )
        is_twin_or_none = self.reranker_path in (None, WORDS)
        if not is_twin_or_none and not Path(str(self.reranker_path), "config.json").is_file():
            # Asked to open it, the library would look for a model of this name on the network.
            raise ValueError("RETRIEVAL_RERANKER_PATH names no folder with a model")
        return self
