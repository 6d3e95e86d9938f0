"""What every process is told the same way: where state lives, the broker, the service secret."""

from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import AnyHttpUrl, Field, RedisDsn, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from runtime.secret_files import FileSettings, with_password


class Environment(StrEnum):
    """Where a process runs. Production refuses generated or short secrets."""

    LAPTOP = "laptop"
    PRODUCTION = "production"


class SharedSettings(FileSettings):
    """Settings with the prefix `STOA_`, the same for all processes of an installation."""

    model_config = SettingsConfigDict(env_prefix="STOA_", frozen=True, extra="ignore")

    environment: Environment = Environment.LAPTOP
    home: Path = Path("var")
    redis_url: RedisDsn | None = None
    redis_password: SecretStr | None = Field(
        default=None, description="Put into the address, when that holds none."
    )
    service_secret: SecretStr | None = None
    service_secret_file: Path | None = None
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    start_seconds: float = Field(
        default=30, ge=0, description="How long a start waits for a store that does not answer yet."
    )
    stop_seconds: float = Field(
        default=20, ge=0, description="How long open answers may take after SIGTERM."
    )
    otlp_url: AnyHttpUrl | None = Field(
        default=None,
        description="An OpenTelemetry collector, such as `http://collector:4318`. None: no traces.",
    )
    otlp_share: float = Field(
        default=1, ge=0, le=1, description="The share of traces that is sent."
    )

    @model_validator(mode="before")
    @classmethod
    def _puts_the_password_into_the_address(cls, given: Any) -> Any:
        if not isinstance(given, dict):  # settings that are already made
            return given
        names = ("STOA_REDIS_URL", "STOA_REDIS_PASSWORD")
        url = with_password(given.get("redis_url"), given.get("redis_password"), names)
        return {**given, "redis_url": url}

    @model_validator(mode="after")
    def _needs_one_secret(self) -> Self:
        if self.service_secret is None and self.service_secret_file is None:
            raise ValueError("set STOA_SERVICE_SECRET_FILE (or STOA_SERVICE_SECRET)")
        return self

    def service_key(self) -> bytes:
        """The secret by which services sign for one another."""
        if self.service_secret is not None:
            return self.service_secret.get_secret_value().encode()
        if self.service_secret_file is None:
            raise ValueError("no service secret")
        return self.service_secret_file.read_bytes().strip()
