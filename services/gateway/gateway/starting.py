"""How the gateway's programs begin: settings read, or one sentence that says what is wrong."""

import os
import sys
from typing import NoReturn

from pydantic import ValidationError

from contracts.clients.jobs import SERVICE
from gateway.settings import Settings
from runtime.service_auth import ServiceTokens

BAD_CONFIGURATION = 2

_PREFIXES = {"SharedSettings": "STOA_", "AdminAccount": "STOA_ADMIN_"}


def settings_or_exit(program: str) -> Settings:
    """The settings. A bad one ends the process with code 2, without a traceback."""
    try:
        settings = Settings()
        ServiceTokens(settings.shared.service_key(), SERVICE)
    except ValidationError as error:
        refuse(program, _first_of(error))
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        refuse(program, f"the file of the service secret cannot be read ({reason})")
    except ValueError as error:
        refuse(program, f"STOA_SERVICE_SECRET: {error}")
    if settings.shared.redis_url is None:
        # Without it tasks would be remembered by this process and read by no worker.
        refuse(program, "STOA_REDIS_URL: set the address of Redis or Valkey")
    return settings


def refuse(program: str, sentence: str, code: int = BAD_CONFIGURATION) -> NoReturn:
    """Say in one sentence why the program ends."""
    sys.stderr.write(f"{program} cannot start: {sentence}.\n")
    raise SystemExit(code)


def _first_of(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    if not first["loc"]:
        return message
    prefix = _PREFIXES.get(error.title, "GATEWAY_")
    return f"{prefix}{'__'.join(str(part) for part in first['loc']).upper()}: {message}"
