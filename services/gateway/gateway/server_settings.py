"""How the mail server and the object store are reached, for installations that have them."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class MailServer(BaseModel):
    """The mail server. Without a host letters are written into the folder `mail` of STOA_HOME."""

    model_config = ConfigDict(frozen=True)

    host: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.:_-]{1,253}$")
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = Field(default=None, min_length=8)
    sender: str | None = Field(
        default=None, max_length=320, pattern=r"^([^<>\r\n]* )?<?[^@\s<>]+@[^@\s<>]+>?$"
    )
    """`stoa@example.org` or `Stoa <stoa@example.org>`."""
    ca_path: Path | None = None
    """Who vouches for the server's certificate; None: whom the machine trusts."""
    timeout_seconds: float = Field(default=20, gt=0)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.host is not None and self.sender is None:
            raise ValueError("set GATEWAY_MAIL__SENDER, the address letters come from")
        if (self.username is None) != (self.password is None):
            raise ValueError("set GATEWAY_MAIL__USERNAME and GATEWAY_MAIL__PASSWORD together")
        if self.password is not None and self.security == "none":
            raise ValueError(
                "GATEWAY_MAIL__SECURITY=none would send the password for everybody to read"
            )
        return self


class S3Access(BaseModel):
    """How the bucket of `GATEWAY_BLOBS_URL=s3://bucket/prefix` is reached."""

    model_config = ConfigDict(frozen=True)

    endpoint: str | None = Field(default=None, pattern=r"^https?://[^\s/]+(/\S*)?$")
    """None: Amazon's own, by the region."""
    region: str = "us-east-1"
    access_key_id: str | None = None
    """With its secret; None: what the machine's role gives."""
    secret_access_key: SecretStr | None = None
    path_style: bool = True
    """The bucket stands in the path, not in the host name; Amazon's own wants the latter."""
    allow_http: bool = False
    connect_seconds: float = Field(default=5, gt=0)
    request_seconds: float = Field(default=60, gt=0)
    """One request with its retries: a part of 8 MiB, never a whole file."""
    retries: int = Field(default=3, ge=0)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError(
                "set GATEWAY_S3__ACCESS_KEY_ID and GATEWAY_S3__SECRET_ACCESS_KEY together"
            )
        is_plain = self.endpoint is not None and self.endpoint.startswith("http://")
        if is_plain and not self.allow_http:
            raise ValueError(
                "GATEWAY_S3__ENDPOINT is http://: set GATEWAY_S3__ALLOW_HTTP=true if that is meant"
            )
        return self
