"""What every process is told the same way: where state lives, the broker, the service secret."""

import hashlib
import hmac
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import AnyHttpUrl, Field, RedisDsn, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from runtime.networks import Network, networks
from runtime.outbound.policy import OutboundPolicy
from runtime.secret_files import FileSettings, with_password


class Environment(StrEnum):
    """Where a process runs. Production refuses generated or short secrets."""

    LAPTOP = "laptop"
    PRODUCTION = "production"


class SharedSettings(FileSettings):
    """Settings with the prefix `STOA_`, the same for all processes of an installation."""

    model_config = SettingsConfigDict(
        env_prefix="STOA_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    environment: Environment = Environment.LAPTOP
    home: Path = Path("var")
    redis_url: RedisDsn | None = None
    redis_password: SecretStr | None = Field(
        default=None, description="Put into the address, when that holds none."
    )
    service_secret: SecretStr | None = None
    service_secret_file: Path | None = None
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks, with commas, of proxies whose `X-Forwarded-For` and "
        "`X-Forwarded-Proto` are believed, such as `172.16.0.0/12`. Empty: nobody's are.",
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    start_seconds: float = Field(
        default=30, ge=0, description="How long a start waits for a store that does not answer yet."
    )
    stop_seconds: float = Field(
        default=20, ge=0, description="How long open answers may take after SIGTERM."
    )
    web_pages: bool = Field(
        default=True, description="Whether web pages can be read into collections by their address."
    )
    outbound: OutboundPolicy = OutboundPolicy()
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

    def purpose_key(self, purpose: str) -> bytes:
        """A key for one purpose and no other, made from the service secret."""
        return hmac.digest(self.service_key(), f"stoa {purpose}".encode(), hashlib.sha256)

    @model_validator(mode="after")
    def _names_real_proxies(self) -> Self:
        try:
            self.proxies()
        except ValueError as error:
            raise ValueError(f"STOA_TRUSTED_PROXIES: {error}") from None
        return self

    def proxies(self) -> tuple[Network, ...]:
        """The proxies that are believed."""
        return networks(self.trusted_proxies)

    def service_key(self) -> bytes:
        """The secret by which services sign for one another."""
        if self.service_secret is not None:
            return self.service_secret.get_secret_value().encode()
        if self.service_secret_file is None:
            raise ValueError("no service secret")
        return self.service_secret_file.read_bytes().strip()
