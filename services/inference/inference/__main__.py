"""`python -m inference`: read the settings, start the engines, serve."""

import sys
from typing import NoReturn

from pydantic import ValidationError
from pydantic_settings import SettingsError

from inference.main import build_app
from inference.settings import Settings
from inference.wiring import price_of
from runtime.app import serve
from runtime.logs import configure_logs

BAD_CONFIGURATION = 2


def main() -> None:
    """Serve until a signal."""
    settings = _settings_or_exit()
    configure_logs("inference", settings.shared.log_level)
    serve(build_app(settings), settings.host, settings.port)


def _settings_or_exit() -> Settings:
    try:
        settings = Settings()
        for engine in settings.engines:
            price_of(engine)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        _refuse(f"{where}: {first['msg']}" if where else first["msg"])
    except (SettingsError, ValueError) as error:
        _refuse(str(error))
    return settings


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(f"inference cannot start: {reason}\n")
    sys.exit(BAD_CONFIGURATION)


if __name__ == "__main__":
    main()
