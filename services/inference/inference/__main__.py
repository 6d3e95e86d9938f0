"""`python -m inference`: read the settings, start the engines, serve until a signal."""

from contracts.clients.inference import SERVICE
from inference.main import build_app
from inference.probes import probes
from inference.settings import Settings
from inference.wiring import price_of
from runtime.probing import reach_or_exit
from runtime.serving import Door, serve
from runtime.starting import settings_or_exit


def main() -> None:
    """Serve, or say in one sentence why not."""
    settings = settings_or_exit(SERVICE, Settings, _every_engine_has_a_price)
    reach_or_exit(SERVICE, settings.shared, probes(settings))
    serve(SERVICE, build_app(settings), Door(settings.host, settings.port), settings.shared)


def _every_engine_has_a_price(settings: Settings) -> None:
    for engine in settings.engines:
        price_of(engine)


if __name__ == "__main__":
    main()
