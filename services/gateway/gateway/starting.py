"""How the gateway's programs begin: settings read, or one sentence that says what is wrong."""

from gateway.settings import Settings
from runtime import starting
from runtime.starting import CannotStart, refuse

__all__ = ["refuse", "settings_or_exit"]


def settings_or_exit(program: str) -> Settings:
    """The settings. A bad one ends the process with code 2, without a traceback."""
    return starting.settings_or_exit(program, Settings, _has_a_broker)


def _has_a_broker(settings: Settings) -> None:
    if settings.shared.redis_url is None:
        # Without it tasks would be remembered by this process and read by no worker.
        raise CannotStart("STOA_REDIS_URL: set the address of Redis or Valkey")
