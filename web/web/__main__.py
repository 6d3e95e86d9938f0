"""`python -m web`: serve the pages."""

import sys

from pydantic import ValidationError

from runtime.app import serve
from runtime.logs import configure_logs
from web.main import build_app
from web.settings import Settings


def main() -> int:
    """Serve until a signal; 2 when the configuration is wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        where = "_".join(str(part) for part in first["loc"]).upper()
        name = f"WEB_{where}: " if where else ""
        sys.stderr.write(f"web: bad configuration: {name}{first['msg']}\n")
        return 2
    configure_logs("web", settings.shared.log_level)
    serve(build_app(settings), settings.host, settings.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
