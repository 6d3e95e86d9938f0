"""Texts that nobody types, in every text field of every body of the gateway: never a 5xx.

The fields come from the OpenAPI document, so a new one is in here without being written down.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.main import build_app
from tests.support.gateway import Databases, gateway_settings
from tests.unit.gateway.matrix.calls import Route, call
from tests.unit.gateway.matrix.table import REFUSED, table
from tests.unit.gateway.matrix.world import World, a_world, over

Place = tuple[str | int, ...]
"""Names and indexes on the way to a field; ANY is a name of the caller's choice."""

ANY = "any name"
NAME_ITSELF = "the name itself"
HALF = "At\ud800las"
TEXTS = {
    "half a pair": HALF,
    "NUL": "At\x00las",
    "no character": "At\uffff\ufffe\u202e\u2028las" + "\u0301" * 20,
    "many marks": "a" + "\u0301" * 10_000,
}
AWAY = {"service_unavailable", "engine_unavailable"}
"""Engines and index are away here; what they would be sent has gone through by then."""
ABLE = ("keeper", "owner", "operator", "anonymous")


@pytest.fixture(scope="module")
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(databases.fresh(), tmp_path_factory.mktemp("odd")) as made:
        yield made


@pytest.fixture(autouse=True)
def untouched(world: World) -> Iterator[None]:
    """Calls with odd texts may end sessions and delete things: each test begins with all of it."""
    yield
    world.put_back()


@cache
def document() -> dict[str, Any]:
    settings = gateway_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", Path())
    return build_app(settings).openapi()


def fields() -> list[tuple[Route, Place]]:
    """Every place in a JSON body that takes text."""
    found = []
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            kinds = operation.get("requestBody", {}).get("content", {})
            if "application/json" in kinds:
                places = set(_places(kinds["application/json"]["schema"], (), ()))
                found += [((method.upper(), path), place) for place in sorted(places, key=str)]
    return found


def _places(schema: dict[str, Any], at: Place, seen: tuple[str, ...]) -> Iterator[Place]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _places(document()["components"]["schemas"][name], at, (*seen, name))
        return
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]:
        yield from _places(part, at, seen)
    if schema.get("type") == "string" or set(schema) <= {"title", "default"}:
        yield at
    for name, part in schema.get("properties", {}).items():
        yield from _places(part, (*at, name), seen)
    if schema.get("additionalProperties"):
        yield (*at, NAME_ITSELF)
        more = schema["additionalProperties"]
        yield from _places(more if isinstance(more, dict) else {}, (*at, ANY), seen)
    if schema.get("type") == "array":
        yield from _places(schema.get("items", {}), (*at, 0), seen)


def put(value: Any, place: Place, text: str) -> Any:
    """The body with the text in that place."""
    if not place:
        return text
    first, *rest = place
    if first == 0:
        return [put(value[0] if isinstance(value, list) and value else None, tuple(rest), text)]
    known = value if isinstance(value, dict) else {}
    if first == NAME_ITSELF:
        return {**known, text: "x"}
    return {**known, str(first): put(known.get(first), tuple(rest), text)}


def sent(world: World, route: Route, place: Place, text: str) -> httpx2.Response:
    asking = call(route, world.athens)
    body = put(asking.what.get("json"), place, text)
    able = (name for name in ABLE if table()[route].cells[name] not in REFUSED)
    who = next(able, "keeper")
    headers = {"content-type": "application/json"}
    if who != "anonymous":
        headers |= world.people[who].headers()
    content = json.dumps(body).encode()
    answer = world.gateway.http.request(route[0], asking.path, content=content, headers=headers)
    if route[1].endswith("/turns") and answer.is_success:
        over(world.gateway, world.people[who], answer.json()["id"])
    return answer


@pytest.mark.parametrize("kind", TEXTS)
def test_every_text_field_takes_any_text_or_refuses_it(world: World, kind: str) -> None:
    failed = {}
    for route, place in fields():
        answer = sent(world, route, place, TEXTS[kind])
        code = answer.json()["error"]["code"] if answer.is_error else ""
        if answer.status_code >= 500 and code not in AWAY:
            failed[route, place] = (answer.status_code, code)
        if "half" in kind and answer.status_code != 400:
            failed[route, place] = (answer.status_code, "half a character was taken")

    assert len(fields()) > 80
    assert failed == {}


def test_what_was_taken_can_be_read_again(world: World) -> None:
    # After all that: whatever odd text is in a row now must not break the lists it is shown in.
    keeper = world.people["keeper"]
    text = TEXTS["no character"]
    made = keeper.post("/v1/assistants", {"name": text, "starters": [text]})[1]
    store = keeper.post("/v1/vector_stores", {"name": text, "metadata": {text[:60]: text}})[1]
    read = keeper.get(f"/v1/assistants/{made['id']}")[1]
    listed = {
        path: keeper.get(path, limit=100)[0]
        for path in ("/v1/assistants", "/v1/vector_stores", "/v1/conversations", "/v1/keys")
    }

    assert (read["name"], read["starters"]) == (text, [text])
    assert keeper.get(f"/v1/vector_stores/{store['id']}")[1]["metadata"] == {text[:60]: text}
    assert set(listed.values()) == {200}


@pytest.mark.parametrize("odd", ["%00", "%0d%0aa", "%ED%A0%80", "%EF%BF%BF", "%2e%2e", "%FF"])
def test_every_address_takes_any_characters_or_refuses_them(world: World, odd: str) -> None:
    failed = {}
    headers = world.people["keeper"].headers()
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            if method == "delete" and "{" not in path:
                continue  # the session goes on
            at, names = path, []
            for each in operation.get("parameters", []):
                at = at.replace("{" + each["name"] + "}", odd)
                names += [each["name"]] if each["in"] == "query" else []
            query = "&".join(f"{name}={odd}" for name in names)
            if at == path and not names:
                continue
            answer = world.gateway.http.request(method, f"{at}?{query}", headers=headers)
            if answer.status_code >= 500 and answer.json()["error"]["code"] not in AWAY:
                failed[method, path] = answer.status_code

    assert failed == {}


@pytest.mark.parametrize(
    "filename", ["At\x00las.txt", "\uffff.txt", "a" + "\u0301" * 2_000 + ".txt", "..\\\u202e.txt"]
)
def test_every_name_of_a_file_is_taken_or_refused(world: World, filename: str) -> None:
    keeper = world.people["keeper"]
    status, file = keeper.upload(filename, b"text")
    if status < 300:
        headers = keeper.headers()
        got = world.gateway.http.get(f"/v1/files/{file['id']}/content", headers=headers)
        assert got.content == b"text"

    assert status in (200, 201, 400)
    assert keeper.upload("a.txt", b"text", purpose=filename)[0] in (200, 201, 400)
