"""Which paths are the public API: the installation's, and each assistant's own."""

from starlette.types import Scope

_PREFIXES = ("/v1/", "/a/")


def is_public_api(scope: Scope) -> bool:
    """A request to the public API, not to health, metrics or the workers' routes."""
    return scope["type"] == "http" and str(scope["path"]).startswith(_PREFIXES)
