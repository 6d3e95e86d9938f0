"""Texts that nobody types, in every field, address, query and cookie of web: never a 5xx."""

import ast
import inspect
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

import web
from contracts.accounts import Power
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_app import standin_app
from tests.support.serving import served
from tests.support.web_pages import web_settings
from tests.support.web_people import PASSWORD, Person, browser
from web.forms import TOKEN_FIELD, Submitted
from web.main import build_app

ODD = "Gui\x00de \uffff\ufffe \u202e\u2028 " + "a\u0301" * 20
MARKS = "a" + "\u0301" * 10_000
BYTES = (b"%00", b"%0d%0aX-A:%20b", b"%ED%A0%80", b"%EF%BF%BF", b"%2e%2e%2f%2e%2e", b"%FF%FE")
"""For addresses: NUL, a line end, a lone surrogate, a non-character, dots, junk."""
SIGNED_OUT = "/logout"
ENDLESS = "/chat/turns/{turn_id}/events"

GOOD = {
    "email": "new@example.org", "password": PASSWORD, "old_password": PASSWORD,
    "token": "not-a-token-" + "x" * 32, "invite": "not-a-token-" + "x" * 32,
    "visibility": "workspace", "role": "member", "kind": "members", "powers": "use",
    "language": "en", "next": "/", "expires": "never", "opens": "workspace", "rights": "chat",
    "url": "https://example.org/",
}  # fmt: skip
"""What a form needs in other fields to come as far as the one in question; the rest is a word."""


async def not_here(request: Request, error: Exception) -> Response:
    del request, error
    return JSONResponse({"error": {"message": "Not here.", "type": "x"}}, status_code=404)


@pytest.fixture(scope="module")
def app() -> Iterator[FastAPI]:
    standin = Standin()
    standin.claim_token = None
    standin.add_member("ada@example.org", PASSWORD, "Ada", Power.OWNER)
    gateway = standin_app(standin)
    gateway.add_exception_handler(405, not_here)  # the real one has more than the stand-in
    gateway.add_exception_handler(ValueError, not_here)  # and answers for cursors of nothing
    with served(gateway) as gateway_url:
        yield build_app(web_settings(gateway_url))


@pytest.fixture(scope="module")
def ada(app: FastAPI) -> Iterator[Person]:
    with browser(app) as client:
        person = Person(client)
        person.sign_in("ada@example.org")
        yield person


@pytest.fixture(scope="module")
def ids(ada: Person) -> dict[str, str]:
    """What stands in addresses, where something of Ada's can."""
    made = ada.post("/studio", {"name": "Guide", "starters": ["What was a stoa?"]})
    assistant_id = made.headers["location"].removeprefix("/studio/").partition("#")[0]
    return {"assistant_id": assistant_id}


def routes(app: FastAPI) -> list[APIRoute]:
    routers = [getattr(entry, "original_router", None) for entry in app.routes]
    found = [*app.routes, *(route for router in routers if router for route in router.routes)]
    return [route for route in found if isinstance(route, APIRoute)]


def fields_of(route: APIRoute) -> set[str]:
    """Every field that the module of the route reads of any form."""
    source = Path(inspect.getsourcefile(inspect.unwrap(route.endpoint)) or "")
    forms = [source, *source.parent.glob("*form*.py")]
    return set().union(*(_fields_in(each.read_text(encoding="utf-8")) for each in forms))


def _fields_in(source: str) -> set[str]:
    readers = {name for name in vars(Submitted) if not name.startswith("_")}
    return {
        argument.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in readers
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    } - {TOKEN_FIELD}


def address(path: str, ids: dict[str, str], odd: str | None = None) -> str:
    """The path with ids, or with something odd, in its places."""
    parts = []
    for part in path.split("/"):
        name = part.strip("{}").partition(":")[0]
        parts.append((odd or ids.get(name, "some-id")) if part.startswith("{") else part)
    return "/".join(parts)


def test_every_form_field_takes_any_text_or_refuses_it(
    app: FastAPI, ada: Person, ids: dict[str, str]
) -> None:
    failed, asked, token = {}, 0, ada.token()
    for route in routes(app):
        if "POST" not in (route.methods or ()) or route.path == SIGNED_OUT:
            continue
        names = fields_of(route)
        good = {name: GOOD.get(name, "word") for name in names}
        forms = {name: {**good, name: ODD} for name in names}
        forms["all of them"] = dict.fromkeys(names, MARKS)
        for what, fields in forms.items():
            data = {**fields, TOKEN_FIELD: token}
            answer = ada.client.post(address(route.path, ids), data=data)
            asked += 1
            if answer.status_code >= 500:
                failed[route.path, what] = answer.status_code

    assert asked > 200
    assert failed == {}


def test_every_module_that_reads_a_form_is_among_them(app: FastAPI) -> None:
    # A field that is read elsewhere (a module without routes) would be sent to nobody.
    covered = set().union(*(fields_of(route) for route in routes(app)))
    every = set().union(
        *(_fields_in(path.read_text()) for path in Path(web.__file__).parent.rglob("*.py"))
    )

    assert every <= covered


def queries_of(route: APIRoute) -> set[str]:
    waiting, names = [route.dependant], set()
    while waiting:
        one = waiting.pop()
        names |= {parameter.alias for parameter in one.query_params}
        waiting += one.dependencies
    return names


def test_every_address_takes_any_characters_or_refuses_them(
    app: FastAPI, ada: Person, ids: dict[str, str]
) -> None:
    failed, token = {}, ada.token()
    for route in routes(app):
        if "{" not in route.path and not queries_of(route):
            continue
        for odd in BYTES:
            path = address(route.path, ids, odd.decode())
            query = "&".join(f"{name}={odd.decode()}" for name in queries_of(route))
            for method in route.methods or ():
                data = {TOKEN_FIELD: token} if method == "POST" else None
                answer = ada.client.request(method, f"{path}?{query}", data=data)
                if answer.status_code >= 500:
                    failed[method, route.path, odd] = answer.status_code

    assert failed == {}


@pytest.mark.parametrize("value", ["%00", "\xff\xfe", "a%0d%0ab", "\u0301" * 3_000, '"', "a b"])
def test_every_cookie_and_header_takes_any_characters(app: FastAPI, value: str) -> None:
    raw = value.encode()
    with browser(app) as client:
        names = ("test_session", "test_visit", "test_language")
        cookie = b"; ".join(name.encode() + b"=" + raw for name in names)
        headers = [(b"cookie", cookie), (b"accept-language", raw), (b"user-agent", raw)]
        headers += [(b"hx-current-url", raw), (b"referer", raw), (b"x-forwarded-for", raw)]
        statuses = {
            path: client.get(path, headers=headers).status_code
            for path in ("/", "/login", "/studio", "/account", "/nothing")
        }

    assert max(statuses.values()) < 500, statuses


@pytest.mark.parametrize(
    "coding", ["idna", "punycode", "undefined", "utf-7", "raw_unicode_escape", "utf-16", "no-such"]
)
def test_a_form_in_a_coding_of_its_own_is_refused_before_it_is_read(
    ada: Person, coding: str
) -> None:
    kind = f"multipart/form-data; charset={coding}; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
    # Of this size Python's own `idna` would stand still for minutes.
    body = part + b"a" * 900_000 + b"\r\n--b--\r\n"
    begun = time.monotonic()
    answer = ada.client.post("/studio", content=body, headers={"content-type": kind})

    assert answer.status_code == 415
    assert time.monotonic() - begun < 60
