"""Static files: addresses that change with their content, so browsers may keep them for a year."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
YEAR = "public, max-age=31536000, immutable"
HOUR = "public, max-age=3600"


class Assets:
    """Knows every static file and its content hash, read once at start."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._stamps = {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def url(self, name: str) -> str:
        """The address of a file. A name that does not exist is a bug: KeyError."""
        return f"/static/{name}?v={self._stamps[name]}"


class KeptFiles(StaticFiles):
    """Static files with a long life when asked for by content hash."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with caching to suit."""
        response = await super().get_response(path, scope)
        is_stamped = scope.get("query_string", b"").startswith(b"v=")
        response.headers["cache-control"] = YEAR if is_stamped else HOUR
        return response
