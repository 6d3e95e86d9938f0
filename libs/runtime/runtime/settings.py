"""What every process is told the same way: where state lives, the broker, the service secret."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, RedisDsn, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Where a process runs. Production refuses generated or short secrets."""

    LAPTOP = "laptop"
    PRODUCTION = "production"


class SharedSettings(BaseSettings):
    """Settings with the prefix `STOA_`, the same for all processes of an installation."""

    model_config = SettingsConfigDict(env_prefix="STOA_", frozen=True, extra="ignore")

    environment: Environment = Environment.LAPTOP
    home: Path = Path("var")
    redis_url: RedisDsn | None = None
    service_secret: SecretStr | None = None
    service_secret_file: Path | None = None
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

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
