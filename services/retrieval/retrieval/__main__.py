"""`python -m retrieval`: read the settings, or say in one sentence what is wrong with them."""

import sys

from pydantic import ValidationError

from contracts.clients.retrieval import SERVICE
from retrieval.main import build_app
from retrieval.settings import Settings
from runtime.app import serve
from runtime.logs import configure_logs
from runtime.service_auth import ServiceTokens

BAD_CONFIGURATION = 2


def main() -> int:
    """Serve until a signal. The exit code for a bad configuration is 2."""
    try:
        settings = Settings()
        ServiceTokens(settings.shared.service_key(), SERVICE)
    except ValidationError as error:
        return _refuse(_first_of(error))
    except OSError as error:
        return _refuse(f"the file of the service secret cannot be read ({error.strerror})")
    except ValueError as error:
        return _refuse(f"STOA_SERVICE_SECRET: {error}")
    configure_logs(SERVICE, settings.shared.log_level)
    serve(build_app(settings), settings.host, settings.port)
    return 0


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    prefix = "STOA_" if error.title == "SharedSettings" else "RETRIEVAL_"
    variable = prefix + "__".join(str(part) for part in first["loc"]).upper()
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{variable}: {message}" if first["loc"] else message


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"retrieval cannot start: {sentence}.\n")
    return BAD_CONFIGURATION


if __name__ == "__main__":
    sys.exit(main())
