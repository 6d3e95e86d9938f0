"""`python -m gateway`: serve the public API until a signal."""

from contracts.clients.jobs import SERVICE
from gateway.main import build_app
from gateway.probes import probes
from gateway.starting import settings_or_exit
from runtime.probing import reach_or_exit
from runtime.serving import Door, serve


def main() -> None:
    """Read the settings, reach the stores, then serve."""
    settings = settings_or_exit(SERVICE)
    reach_or_exit(SERVICE, settings.shared, probes(settings))
    serve(SERVICE, build_app(settings), Door(settings.host, settings.port), settings.shared)


if __name__ == "__main__":
    main()
