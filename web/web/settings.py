"""Web's settings (prefix `WEB_`) with laptop defaults."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from runtime.secret_files import FileSettings
from runtime.settings import SharedSettings


class Settings(FileSettings):
    """Everything web can be told."""

    model_config = SettingsConfigDict(
        env_prefix="WEB_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65_535)
    gateway_url: str = Field(default="http://127.0.0.1:8080", pattern=r"^https?://\S+$")
    api_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """Where members' own programs reach the gateway. None: where web itself does."""
    cookie_name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_]{1,40}$")
    """None: made from the port, because cookies ignore ports and two copies may share a host."""
    upload_bytes: int = Field(default=512 << 20, gt=0)
    shared: SharedSettings = Field(default_factory=SharedSettings)

    def cookie_prefix(self) -> str:
        """What the names of this installation's cookies begin with."""
        return self.cookie_name or f"stoa_{self.port}"

    def public_api_url(self) -> str:
        """The gateway's address for people, without a slash at its end."""
        return (self.api_url or self.gateway_url).rstrip("/")
