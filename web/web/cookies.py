"""Web's cookies: the session, the visit that form tokens are bound to, what a reader chose."""

import re
import secrets
import time

from starlette.requests import Request
from starlette.responses import Response

_YEAR_SECONDS = 365 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,200}\Z")


class Cookies:
    """Reads and writes the cookies of one installation, told apart by a prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def session(self, request: Request) -> str | None:
        """The gateway's session token, if the visitor has one."""
        token = request.cookies.get(self._name(request, "session"), "")
        # It goes on as a header: what could be no token of the gateway's never leaves here.
        return token if _TOKEN.match(token) else None

    def open_session(
        self, request: Request, response: Response, token: str, expires_at: int
    ) -> None:
        """Keep the token where scripts cannot read it."""
        self._set(request, response, "session", token, max(0, expires_at - int(time.time())))

    def close_session(self, request: Request, response: Response) -> None:
        """Forget the token."""
        self._set(request, response, "session", "", 0)

    def language(self, request: Request) -> str:
        """The chosen language's code, or nothing."""
        return request.cookies.get(self._name(request, "language"), "")

    def choose_language(self, request: Request, response: Response, code: str) -> None:
        """Remember the choice."""
        self._set(request, response, "language", code, _YEAR_SECONDS)

    def zone(self, request: Request) -> str:
        """The chosen time zone's name, or nothing. Slashes are no letters of a cookie."""
        return request.cookies.get(self._name(request, "zone"), "").replace(".", "/")

    def choose_zone(self, request: Request, response: Response, name: str) -> None:
        """Remember the choice."""
        self._set(request, response, "zone", name.replace("/", "."), _YEAR_SECONDS)

    def are_keys_on(self, request: Request) -> bool:
        """Whether single keys do something: unless they were switched off."""
        return request.cookies.get(self._name(request, "keys")) != "off"

    def choose_keys(self, request: Request, response: Response, *, are_on: bool) -> None:
        """Remember the choice."""
        self._set(request, response, "keys", "on" if are_on else "off", _YEAR_SECONDS)

    def binding(self, request: Request) -> str:
        """What form tokens of this visitor are bound to: their visit and their session."""
        visit = request.cookies.get(self._name(request, "visit"))
        if not visit:
            visit = getattr(request.state, "new_visit", None) or secrets.token_urlsafe(18)
            request.state.new_visit = visit
        return f"{visit}.{self.session(request) or ''}"

    def keep_visit(self, request: Request, response: Response) -> None:
        """Send the visit cookie when `binding` had to begin one."""
        visit = getattr(request.state, "new_visit", None)
        if visit:
            self._set(request, response, "visit", visit, None)

    def _set(
        self, request: Request, response: Response, what: str, value: str, seconds: int | None
    ) -> None:
        response.set_cookie(
            self._name(request, what),
            value,
            max_age=seconds,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def _name(self, request: Request, what: str) -> str:
        # Browsers accept a __Host- cookie only from this very host over https.
        host_only = "__Host-" if request.url.scheme == "https" else ""
        return f"{host_only}{self._prefix}_{what}"
