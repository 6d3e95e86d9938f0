"""Every route of web, found in the app itself: its headers, its forms, and that reading changes
nothing. A new route is in these tests without being written down."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.accounts import Power
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_app import standin_app
from tests.support.serving import served
from tests.support.web_pages import web_settings
from tests.support.web_people import PASSWORD, Person, browser
from web.frame import SECURITY_HEADERS
from web.main import build_app

ENDLESS = "/chat/turns/{turn_id}/events"
FOR_OTHER_SITES = "/widget.js"
"""The one answer that pages of other sites may load, and browsers keep."""
ONLY_LOOKS = {"POST /v1/invites/look"}
"""Calls that change nothing, and are no GET because their token must not stand in an address."""


class Spied:
    """The stand-in, and which calls reach it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.calls: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.calls.append(f"{scope['method']} {scope['path']}")
        await self._app(scope, receive, send)

    def changes(self) -> list[str]:
        return [
            call
            for call in self.calls
            if not call.startswith(("GET ", "HEAD ")) and call not in ONLY_LOOKS
        ]


@pytest.fixture(scope="module")
def spied() -> Spied:
    standin = Standin()
    standin.claim_token = None
    standin.add_member("ada@example.org", PASSWORD, "Ada", Power.OWNER)
    standin.add_member("bob@example.org", PASSWORD, "Bob")
    return Spied(standin_app(standin))


@pytest.fixture(scope="module")
def app(spied: Spied) -> Iterator[FastAPI]:
    with served(spied) as gateway_url:
        yield build_app(web_settings(gateway_url))


@pytest.fixture(scope="module")
def signed_in(app: FastAPI) -> Iterator[Person]:
    with browser(app) as client:
        person = Person(client)
        person.sign_in("ada@example.org")
        yield person


@pytest.fixture(scope="module")
def somebody_else(app: FastAPI) -> Iterator[Person]:
    with browser(app) as client:
        person = Person(client)
        person.sign_in("bob@example.org")
        yield person


@pytest.fixture(autouse=True)
def _nothing_called_yet(request: pytest.FixtureRequest, spied: Spied) -> None:
    for person in ("signed_in", "somebody_else"):
        request.getfixturevalue(person)  # signing in is a call, too
    spied.calls.clear()


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path) of every route."""
    routers = [getattr(entry, "original_router", None) for entry in app.routes]
    found = [*app.routes, *(route for router in routers if router for route in router.routes)]
    return sorted(
        (method, route.path)
        for route in found
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    )


def address(path: str) -> str:
    """The path with some id in every place."""
    parts = ("some-id" if part.startswith("{") else part for part in path.split("/"))
    return "/".join(parts)


def readable(app: FastAPI) -> list[str]:
    return [address(path) for method, path in routes(app) if method == "GET" and path != ENDLESS]


def changing(app: FastAPI) -> list[tuple[str, str]]:
    return [(method, address(path)) for method, path in routes(app) if method != "GET"]


def missing(headers: dict[str, str]) -> set[str]:
    wanted = set(SECURITY_HEADERS.items())
    return {name for name, value in wanted if headers.get(name) != value}


def test_every_answer_carries_the_headers(app: FastAPI, signed_in: Person) -> None:
    addresses = [("GET", path) for path in readable(app)] + changing(app)
    addresses += [("GET", "/nothing"), ("DELETE", "/"), ("GET", "/static/css/chat.css")]
    addresses += [("GET", "/static/nothing.css"), ("OPTIONS", "/studio"), ("POST", "/%00<script>")]
    lacking = {}
    for method, path in addresses:
        accept = "application/json" if method == "OPTIONS" else "text/html"
        headers = signed_in.client.request(method, path, headers={"accept": accept}).headers
        gaps, is_kept = missing(dict(headers)), "no-store" not in headers["cache-control"]
        if path == FOR_OTHER_SITES:
            gaps -= {"cross-origin-resource-policy"}
        if gaps or is_kept != ("static/css" in path or path == FOR_OTHER_SITES):
            lacking[method, path] = (gaps, headers["cache-control"])

    assert len(addresses) > 30
    assert lacking == {}


def test_strangers_get_the_headers_too(app: FastAPI) -> None:
    with browser(app) as client:
        gaps = {path: missing(dict(client.get(path).headers)) for path in readable(app)}

    allowed = {FOR_OTHER_SITES: {"cross-origin-resource-policy"}}
    assert {path: names for path, names in gaps.items() if names} == allowed


def test_reading_changes_nothing(app: FastAPI, signed_in: Person, spied: Spied) -> None:
    for path in readable(app):
        signed_in.client.get(path, params={"_method": "POST"})

    assert spied.calls
    assert spied.changes() == []


def test_what_changes_something_cannot_be_had_by_reading(
    app: FastAPI, signed_in: Person, spied: Spied
) -> None:
    as_post = {"x-http-method-override": "POST", "x-method-override": "POST"}
    token = signed_in.token()
    for method, path in changing(app):
        query = {"form_token": token, "_method": method}
        signed_in.client.get(path, params=query, headers=as_post)

    assert spied.changes() == []


@pytest.mark.parametrize(
    "case",
    ["no token", "a foreign token", "a foreign origin", "no origin at all", "a foreign site",
     "a sister site", "json as text"],
)  # fmt: skip
def test_no_form_is_taken_from_elsewhere(
    app: FastAPI, signed_in: Person, somebody_else: Person, spied: Spied, case: str
) -> None:
    token, foreign = signed_in.token(), somebody_else.token()
    data = {"form_token": {"no token": "", "a foreign token": foreign}.get(case, token)}
    headers = {
        "a foreign origin": {"origin": "https://evil.example"},
        "no origin at all": {"origin": "null"},
        "a foreign site": {"sec-fetch-site": "cross-site"},
        "a sister site": {"sec-fetch-site": "same-site"},
        "json as text": {"content-type": "text/plain"},
    }.get(case, {})
    spied.calls.clear()
    answers = {}
    for method, path in changing(app):
        if case == "json as text":
            body = f'{{"form_token": "{token}", "name": "x"}}'
            answer = signed_in.client.request(method, path, content=body, headers=headers)
        else:
            answer = signed_in.client.request(method, path, data=data, headers=headers)
        answers[method, path] = answer.status_code

    assert len(answers) > 10
    assert set(answers.values()) == {403}
    assert spied.changes() == []


def test_over_https_cookies_are_this_hosts_alone_and_the_connection_stays_safe(
    app: FastAPI,
) -> None:
    with TestClient(
        app,
        base_url="https://testserver",
        follow_redirects=False,
        headers={"accept": "text/html"},
    ) as client:
        person = Person(client)
        first = client.get("/login")
        signed_in = person.post("/login", {"email": "ada@example.org", "password": PASSWORD})
        language = person.post("/language", {"language": "zh-Hans", "next": "/"})
        signed_out = person.post("/logout")

    answers = (first, signed_in, language, signed_out)
    cookies = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        "__Host-test_visit", "__Host-test_session", "__Host-test_language",
    }  # fmt: skip
    for cookie in cookies:
        flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
        assert {"httponly", "secure", "path=/", "samesite=lax"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)
    for answer in answers:
        assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_over_http_nothing_is_promised_that_does_not_hold(app: FastAPI) -> None:
    with browser(app) as client:
        answer = client.get("/login")

    assert "strict-transport-security" not in answer.headers
    assert answer.headers["set-cookie"].startswith("test_visit=")
