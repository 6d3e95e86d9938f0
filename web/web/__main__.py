"""`python -m web`: serve the pages until a signal."""

from runtime.probing import reach_or_exit, said_if_away
from runtime.serving import Door, serve
from runtime.starting import settings_or_exit
from web.main import SERVICE, build_app
from web.settings import Settings


def main() -> None:
    """Serve, or say in one sentence why not.

    Without the gateway the pages say that a part of the installation is away: that helps a reader
    more than a closed door, and readiness says it to machines.
    """
    settings = settings_or_exit(SERVICE, Settings)
    probes = [said_if_away("WEB_GATEWAY_URL", settings.gateway_url)]
    reach_or_exit(SERVICE, settings.shared, probes)
    serve(SERVICE, build_app(settings), Door(settings.host, settings.port), settings.shared)


if __name__ == "__main__":
    main()
