"""`python -m retrieval`: read the settings, reach the index, serve until a signal."""

from contracts.clients.retrieval import SERVICE
from retrieval.main import build_app
from retrieval.probes import probes
from retrieval.settings import Settings
from runtime.probing import reach_or_exit
from runtime.serving import Door, serve
from runtime.starting import settings_or_exit


def main() -> None:
    """Serve, or say in one sentence why not."""
    settings = settings_or_exit(SERVICE, Settings)
    reach_or_exit(SERVICE, settings.shared, probes(settings))
    serve(SERVICE, build_app(settings), Door(settings.host, settings.port), settings.shared)


if __name__ == "__main__":
    main()
