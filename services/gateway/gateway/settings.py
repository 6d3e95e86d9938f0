"""The gateway's settings (prefix `GATEWAY_`) with laptop defaults."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.settings import SharedSettings


class KnowledgeLimits(BaseModel):
    """Bounds on uploads and on the jobs that read them."""

    model_config = ConfigDict(frozen=True)

    file_bytes: int = Field(default=512 << 20, gt=0)
    lease_seconds: int = Field(default=60, gt=0)
    attempts: int = Field(default=3, gt=0)
    deadline_seconds: int = Field(default=3 * 3600, gt=0)
    unclaimed_seconds: int = Field(default=120, gt=0)
    """After this long in the queue a job's message counts as lost and is sent again."""
    passage_tokens: int = Field(default=250, ge=50, le=450)


class ReplyLimits(BaseModel):
    """Bounds on an answer. Token budgets are the engine's own tokens."""

    model_config = ConfigDict(frozen=True)

    passage_tokens: int = Field(default=2_400, gt=0)
    small_model_passage_tokens: int = Field(default=700, gt=0)
    answer_tokens: int = Field(default=768, gt=0)
    small_model_answer_tokens: int = Field(default=512, gt=0)
    question_characters: int = Field(default=32_000, gt=0)
    search_limit: int = Field(default=12, gt=0, le=100)
    turn_seconds: int = Field(default=300, gt=0)
    no_reader_seconds: int = Field(default=60, gt=0)


class SessionLimits(BaseModel):
    """How long a session lives."""

    model_config = ConfigDict(frozen=True)

    days: int = Field(default=30, gt=0)


class AdminAccount(BaseSettings):
    """`STOA_ADMIN_EMAIL` and `STOA_ADMIN_PASSWORD`: the operator, made at the first start."""

    model_config = SettingsConfigDict(env_prefix="STOA_ADMIN_", frozen=True, extra="ignore")

    email: str | None = Field(default=None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    password: SecretStr | None = Field(default=None, min_length=10, max_length=200)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.email is None) != (self.password is None):
            raise ValueError("set STOA_ADMIN_EMAIL and STOA_ADMIN_PASSWORD together")
        return self


class Settings(BaseSettings):
    """Everything the gateway can be told."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65_535)
    database_url: SecretStr
    blobs_url: str = "file://var/blobs"
    retrieval_url: str = "http://127.0.0.1:8081"
    inference_url: str = "http://127.0.0.1:8082"
    web_url: str = "http://127.0.0.1:8000"
    default_model: str = "qwen2.5-coder-0.5b-instruct"
    knowledge: KnowledgeLimits = KnowledgeLimits()
    replies: ReplyLimits = ReplyLimits()
    sessions: SessionLimits = SessionLimits()
    admin: AdminAccount = Field(default_factory=AdminAccount)
    shared: SharedSettings = Field(default_factory=SharedSettings)

    @model_validator(mode="after")
    def _has_a_blob_store(self) -> Self:
        if not self.blobs_url.startswith("file://"):
            raise ValueError("GATEWAY_BLOBS_URL must be file://<folder>")
        return self

    def blobs_folder(self) -> Path:
        """The folder of the blob store (S3 addresses come with the production adapters)."""
        return Path(self.blobs_url.removeprefix("file://"))
