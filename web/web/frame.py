"""Web's outermost layer: refuses foreign forms, puts the security headers on every answer, and
shows problems, which arrive in the API's JSON shape from everywhere below, as pages."""

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import ValidationError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import ErrorBody, ErrorEnvelope, StoreError
from runtime.logs import REQUEST_ID
from runtime.problems import envelope
from web.cookies import Cookies
from web.forgery import ForeignForm, is_from_our_pages
from web.pages import Pages, go, is_htmx
from web.problems import words_of
from web.rooms import VisitOver, framed_by, room_of

FRAMED_BY_NONE = "frame-ancestors 'none'"
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        FRAMED_BY_NONE,
        "base-uri 'none'",
        "object-src 'none'",
        # Strings become code nowhere; they become HTML only through the policy in page.js.
        "require-trusted-types-for 'script'",
        "trusted-types default",
    ]
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HSTS = "max-age=31536000"


def policy_for(sites: Sequence[str]) -> str:
    """The policy of a page that these web sites, and no others, may show in a frame."""
    return CONTENT_SECURITY_POLICY.replace(FRAMED_BY_NONE, f"frame-ancestors {' '.join(sites)}")


class Frame:
    """What every request and every answer passes through."""

    def __init__(self, app: ASGIApp, pages: Pages, cookies: Cookies) -> None:
        self._app = app
        self._pages = pages
        self._cookies = cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        request = Request(scope)
        answer = _Answer(send, request, holds=_wants_page(request))
        if request.method != "GET" and request.method != "HEAD" and not is_from_our_pages(request):
            error = ForeignForm("This form was sent from another site, so it was not accepted.")
            await self._problem(request, 403, envelope(error, None))(scope, receive, answer.pass_on)
            return
        await self._app(scope, receive, answer.take)
        if answer.held is not None:
            problem = self._problem(request, answer.held["status"], answer.problem())
            problem.headers[REQUEST_ID] = answer.request_id()
            await problem(scope, receive, answer.pass_on)

    def _problem(self, request: Request, status: int, problem: ErrorEnvelope) -> Response:
        error: StoreError | ErrorBody = problem.error
        if status == 401:
            if room_of(request).door is None:
                return self._to_sign_in(request)
            # A guest has nowhere to sign in to what was closed between two calls.
            status, error = 404, VisitOver()
        if error.code == "account_pending":
            return go(request, "/pending")
        language = self._pages.language(request)
        values = {
            "words": words_of(language, error),
            "request_id": problem.request_id,
            "code": status,
        }
        if is_htmx(request):
            response = self._pages.page(request, "partials/problem.html", status=status, **values)
            response.headers["hx-retarget"] = "#notices"
            response.headers["hx-reswap"] = "innerHTML"
            return response
        return self._pages.page(request, "pages/problem.html", status=status, **values)

    def _to_sign_in(self, request: Request) -> Response:
        here = request.url.path
        query = f"?{request.url.query}" if request.url.query else ""
        after = here + query if request.method == "GET" and not is_htmx(request) else "/"
        path = f"/login?next={quote(after, safe='/')}"
        response = (
            Response(status_code=401, headers={"hx-redirect": path})
            if is_htmx(request)
            else RedirectResponse(path, status_code=303)
        )
        self._cookies.close_session(request, response)
        return response


class _Answer:
    """An answer on its way out. A problem's JSON is held back when a person is to see a page."""

    def __init__(self, send: Send, request: Request, *, holds: bool) -> None:
        self._send = send
        self._request = request
        self._holds = holds
        self._body = b""
        self.held: Message | None = None

    async def take(self, message: Message) -> None:
        """One message of the app below."""
        if message["type"] == "http.response.start" and self._holds and _is_problem(message):
            self.held = message
        elif self.held is not None:
            self._body += message.get("body", b"")
        else:
            await self.pass_on(message)

    async def pass_on(self, message: Message) -> None:
        """Send it, with the headers every answer has."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if sites := framed_by(self._request):
                headers.setdefault("content-security-policy", policy_for(sites))
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            # Pages are their reader's own; what may be kept says so itself.
            headers.setdefault("cache-control", "no-store")
            if self._request.url.scheme == "https":
                headers["strict-transport-security"] = _HSTS
        await self._send(message)

    def request_id(self) -> str:
        """The id of the request whose answer was held back."""
        return "" if self.held is None else MutableHeaders(scope=self.held).get(REQUEST_ID, "")

    def problem(self) -> ErrorEnvelope:
        """The problem that was held back."""
        try:
            return ErrorEnvelope.model_validate_json(self._body)
        except ValidationError:
            return ErrorEnvelope(error=ErrorBody(message="", type="", code="internal_error"))


def _is_problem(start: Message) -> bool:
    is_json = MutableHeaders(scope=start).get("content-type", "").startswith("application/json")
    return start["status"] >= 400 and is_json


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or is_htmx(request)
