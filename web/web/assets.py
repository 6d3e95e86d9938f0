"""Static files: addresses that change with their content, so browsers may keep them for a year.

The sheets of css/ go out as one, css/all.css: a page waits for all of them before it is shown.
"""

import hashlib
import re
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
YEAR = "public, max-age=31536000, immutable"
HOUR = "public, max-age=3600"
ALL_SHEETS = "css/all.css"
_FIRST = (
    "tokens", "type", "frame", "controls", "cards", "tables", "studio", "workbench", "versions",
    "chat", "talks", "sources", "context", "store", "room",
)  # fmt: skip
"""What later sheets may say otherwise; those that are not named here follow by their names."""
_NEIGHBOUR = re.compile(r'url\("\.\./([^"]+)"\)')


class Assets:
    """Knows every static file and its content hash, read once at start."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._stamps = {
            str(path.relative_to(folder)): _stamp(path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        joined = "\n".join(sheet.read_text("utf-8") for sheet in _sheets(folder))
        self.sheet = _NEIGHBOUR.sub(lambda found: f'url("{self.url(found[1])}")', joined).encode()
        """All sheets as one; the files that they name have addresses like those of pages."""
        self._stamps[ALL_SHEETS] = _stamp(self.sheet)

    def url(self, name: str) -> str:
        """The address of a file. A name that does not exist is a bug: KeyError."""
        return f"/static/{name}?v={self._stamps[name]}"


class KeptFiles(StaticFiles):
    """Static files with a long life when asked for by content hash."""

    def __init__(self, folder: Path = STATIC) -> None:
        super().__init__(directory=folder)
        self._sheet = Assets(folder).sheet

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with caching to suit."""
        if path == ALL_SHEETS and scope["method"] in ("GET", "HEAD"):
            response = Response(self._sheet, media_type="text/css")
        else:
            response = await super().get_response(path, scope)
        is_stamped = scope.get("query_string", b"").startswith(b"v=")
        response.headers["cache-control"] = YEAR if is_stamped else HOUR
        return response


def _stamp(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _sheets(folder: Path) -> list[Path]:
    def place(sheet: Path) -> tuple[int, str]:
        return (_FIRST.index(sheet.stem) if sheet.stem in _FIRST else len(_FIRST), sheet.stem)

    return sorted((folder / "css").glob("*.css"), key=place)
