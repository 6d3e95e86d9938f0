"""Web in front of a stand-in gateway, for tests of pages and for the browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from runtime.settings import SharedSettings
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_app import standin_app
from tests.support.serving import served
from web.main import build_app
from web.settings import Settings

SERVICE_SECRET = "a service secret of the tests, long enough for signing"


def web_settings(gateway_url: str, upload_bytes: int = 4 << 20) -> Settings:
    """Web's settings for a gateway at that address."""
    shared = SharedSettings(service_secret=SecretStr(SERVICE_SECRET))
    return Settings(
        gateway_url=gateway_url, cookie_name="test", upload_bytes=upload_bytes, shared=shared
    )


@dataclass(frozen=True)
class WebOnStandin:
    """Web served on loopback, and the memory of the gateway behind it."""

    base_url: str
    standin: Standin

    @property
    def claim_url(self) -> str:
        """Where the one-time link leads."""
        return f"{self.base_url}/claim?token={self.standin.claim_token}"


@contextmanager
def web_on_standin() -> Iterator[WebOnStandin]:
    """A fresh installation."""
    standin = Standin()
    with (
        served(standin_app(standin)) as gateway_url,
        served(build_app(web_settings(gateway_url))) as base_url,
    ):
        yield WebOnStandin(base_url, standin)
