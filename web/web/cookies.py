"""Web's cookies: the session, the visit that form tokens are bound to, what a reader chose, and a
guest's pass to the pages of one assistant."""

import re
import secrets
import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from web.rooms import framed_by

_YEAR_SECONDS = 365 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,200}\Z")
_PASS = re.compile(r"([A-Za-z0-9_-]{1,100})~([A-Za-z0-9._-]{0,200})\Z")


@dataclass(frozen=True)
class Pass:
    """What a guest holds: the name of the door they came by, and their visit's token, which is
    empty when there is no visit. slug, expires_at: where and how long the browser is to keep it."""

    door: str
    token: str
    slug: str = ""
    expires_at: int = 0


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

    def pass_of(self, request: Request) -> Pass | None:
        """What a guest was given before, on pages of that assistant."""
        kept = request.cookies.get(self._name(request, "guest", is_for_all=False), "")
        parts = _PASS.match(kept)
        return None if parts is None else Pass(parts[1], parts[2])

    def give_pass(self, request: Request, given: Pass) -> None:
        """Have the next page, whatever it says, bring the guest their pass."""
        request.state.new_pass = given

    def keep_visit(self, request: Request, response: Response) -> None:
        """Send the visit cookie when `binding` had to begin one, and a guest's new pass."""
        visit = getattr(request.state, "new_visit", None)
        if visit:
            self._set(request, response, "visit", visit, None)
        given: Pass | None = getattr(request.state, "new_pass", None)
        if given is not None:
            seconds = max(0, given.expires_at - int(time.time()))
            value = f"{given.door}~{given.token}"
            self._set(request, response, "guest", value, seconds, f"/with/{given.slug}")

    def _set(
        self,
        request: Request,
        response: Response,
        what: str,
        value: str,
        seconds: int | None,
        path: str = "/",
    ) -> None:
        is_secure = request.url.scheme == "https"
        # In a frame of another site browsers send only cookies that say so, each site its own.
        is_apart = is_secure and bool(framed_by(request))
        response.set_cookie(
            self._name(request, what, is_for_all=path == "/"),
            value,
            max_age=seconds,
            path=path,
            httponly=True,
            samesite="none" if is_apart else "lax",
            secure=is_secure,
        )
        if is_apart:
            name, line = response.raw_headers[-1]
            response.raw_headers[-1] = (name, line + b"; Partitioned")

    def _name(self, request: Request, what: str, *, is_for_all: bool = True) -> str:
        # Browsers accept a __Host- cookie only from this very host over https, for all its pages.
        prefix = "__Host-" if is_for_all else "__Secure-"
        return f"{prefix if request.url.scheme == 'https' else ''}{self._prefix}_{what}"
