"""Settings of the ingest worker, prefix `INGEST_`, and how bad ones are told."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator
from pydantic_settings import SettingsConfigDict

from ingest.parsing.confinement import JailLimits
from ingest.parsing.drawn import PictureLimits
from runtime.secret_files import FileSettings
from runtime.settings import SharedSettings
from runtime.starting import CannotStart, settings_or_exit

HASHING_TWIN = "hashing"
"""INGEST_EMBEDDING_PATH with this word selects the embedder that needs no model."""

SERVICE = "ingest"


class WorkLimits(BaseModel):
    """How long one document may take and in what portions it is worked on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deadline_seconds: float = Field(default=3600, gt=0)
    patience_seconds: float = Field(default=120, ge=0)
    batch_passages: int = Field(default=16, ge=1, le=256)
    embedding_threads: int = Field(default=1, ge=1)
    request_seconds: float = Field(default=60, gt=0)
    tasks_per_child: int = Field(default=200, ge=1)


class IngestSettings(FileSettings):
    """Settings with the prefix `INGEST_`; nested ones as `INGEST_LIMITS__DEADLINE_SECONDS`."""

    model_config = SettingsConfigDict(
        env_prefix="INGEST_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    gateway_url: HttpUrl = HttpUrl("http://127.0.0.1:8080")
    retrieval_url: HttpUrl = HttpUrl("http://127.0.0.1:8081")
    embedding_path: str = HASHING_TWIN
    spacy_path: Path | None = None
    scratch_path: Path | None = None  # None: `scratch` in STOA_HOME
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(
        default=None, ge=1, le=65_535, description="Where worker or beat can be scraped; None: not."
    )
    sweep_seconds: float = Field(default=20, gt=0)
    limits: WorkLimits = WorkLimits()
    jail: JailLimits = JailLimits()
    pictures: PictureLimits = PictureLimits()

    @model_validator(mode="after")
    def _folders_exist(self) -> Self:
        if self.embedding_path != HASHING_TWIN and not Path(self.embedding_path).is_dir():
            raise ValueError(f"INGEST_EMBEDDING_PATH: there is no folder {self.embedding_path}")
        if self.spacy_path is not None and not self.spacy_path.is_dir():
            raise ValueError(f"INGEST_SPACY_PATH: there is no folder {self.spacy_path}")
        return self


def load_settings() -> tuple[SharedSettings, IngestSettings]:
    """Both, or one sentence on standard error and exit code 2."""
    shared = settings_or_exit(SERVICE, SharedSettings, _has_a_broker)
    return shared, settings_or_exit(SERVICE, IngestSettings)


def _has_a_broker(shared: SharedSettings) -> None:
    if shared.redis_url is None:
        raise CannotStart("set STOA_REDIS_URL: the worker takes its tasks from there")
