"""`python -m gateway`: serve the public API until a signal."""

from contracts.clients.jobs import SERVICE
from gateway.main import build_app
from gateway.starting import settings_or_exit
from runtime.app import serve
from runtime.logs import configure_logs


def main() -> None:
    """Read the settings, then serve."""
    settings = settings_or_exit(SERVICE)
    configure_logs(SERVICE, settings.shared.log_level)
    serve(build_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
