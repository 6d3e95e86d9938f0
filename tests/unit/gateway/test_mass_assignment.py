"""Nothing beyond a route's own fields is taken: no column, no argument of the code behind it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

import gateway
from contracts.errors import StoreError
from gateway.main import ROUTERS, build_app
from gateway.schema import METADATA
from tests.support.gateway import Person, RunningGateway, gateway_settings
from tests.unit.gateway.matrix.calls import BODIES, PATH_KINDS, Ids, Route

FAVOURITES = ("is_admin", "admin", "tenant_id", "balance", "is_public", "bypass_filter", "user_id")
"""Names that peers fell over, beside our own."""

QUERY = {
    "action",
    "after",
    "assistant",
    "assistant_id",
    "before",
    "category",
    "kind",
    "days",
    "conversation",
    "end",
    "filter",
    "flagged",
    "folder_id",
    "from",
    "group_by",
    "if-none-match",
    "key",
    "last-event-id",
    "limit",
    "member",
    "member_id",
    "model",
    "order",
    "page",
    "period",
    "pinned",
    "purpose",
    "query",
    "refused",
    "request_id",
    "scope",
    "sort",
    "start",
    "starting_after",
    "subject",
    "state",
    "status",
    "tag",
    "to",
    "workspace_id",
    "version",
    "view",
    "workspace",
    "zone",
}
"""Every name that any route reads from a query string or a header of its own."""

FREE = {"metadata", "attributes", "variables"}
"""Objects whose names are the caller's to choose: they are kept as data, and decide nothing."""

OPENAI = {"messages", "content", "response_format", "stream_options"}
"""Parts of a chat request: OpenAI's programs send more there than is read of it by name."""


@cache
def names() -> tuple[str, ...]:
    """Every column of every table, every argument of every function of the gateway."""
    columns = {column.name for table in METADATA.sorted_tables for column in table.columns}
    return tuple(sorted(columns | _arguments() | set(FAVOURITES)))


def _arguments() -> set[str]:
    found = set()
    for path in Path(gateway.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                found |= {argument.arg for argument in every}
    return found


def with_bodies() -> Iterator[tuple[Route, type[BaseModel]]]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema and route.body_field:
                model: Any = route.body_field.field_info.annotation
                for method in route.methods or ():
                    yield (method, route.path), model


def valid(route: Route) -> dict[str, Any]:
    """The body that the matrix sends."""
    ids = Ids({kind: f"{kind}_x" for kind in set(PATH_KINDS.values())})
    body: dict[str, Any] = BODIES[route](ids)["json"]
    return body


def test_every_column_and_every_argument_is_refused_by_every_body() -> None:
    taken = []
    for route, model in with_bodies():
        adapter = TypeAdapter(model)
        body, own = valid(route), set(model.model_fields)
        adapter.validate_python(body)
        for name in names():
            if name in own:
                continue
            try:
                adapter.validate_python({**body, name: "x"})
            except (ValidationError, StoreError):
                continue
            taken.append((route, name))

    assert len(names()) > 300
    assert taken == []


def test_no_object_inside_a_body_is_open_either() -> None:
    document = _document()
    schemas = document["components"]["schemas"]
    wanted = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    loose: set[str] = set()
    for schema in wanted:
        loose |= set(_loose(schema, schemas, seen=set(), where=""))

    assert len(wanted) > 20
    assert {name.rsplit(".", 1)[-1] for name in loose} <= FREE | OPENAI


def _loose(
    schema: dict[str, Any], schemas: dict[str, Any], *, seen: set[str], where: str
) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name not in seen:
            yield from _loose(schemas[name], schemas, seen=seen | {name}, where=where)
        return
    for way in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(way, []):
            yield from _loose(part, schemas, seen=seen, where=where)
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield where
    for name, part in schema.get("properties", {}).items():
        yield from _loose(part, schemas, seen=seen, where=f"{where}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from _loose(schema["items"], schemas, seen=seen, where=where)


def test_no_argument_became_a_query_parameter_or_a_header() -> None:
    read = {
        parameter["name"]
        for methods in _document()["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] != "path"
    }

    assert read == QUERY


@cache
def _document() -> dict[str, Any]:
    settings = gateway_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", Path())
    return build_app(settings).openapi()


@pytest.mark.parametrize("where", ["body", "query", "form"])
def test_what_is_sent_along_changes_nothing(
    gateway: RunningGateway, ada: Person, bob: Person, assistant_of_ada: str, where: str
) -> None:
    extra = {
        "workspace_id": bob.workspace_id,
        "owner_id": bob.member_id,
        "is_operator": True,
        "power": "owner",
        "published_version": 7,
    }
    path = f"/v1/assistants/{assistant_of_ada}"
    ways: dict[str, dict[str, Any]] = {
        "body": {"json": {"name": "Bent", **extra}},
        "query": {"json": {"name": "Kept"}, "params": extra},
        "form": {"data": {"name": "Bent", **extra}},
    }
    answer = gateway.http.post(path, headers=ada.headers(), **ways[where])
    status, view = ada.get(path)

    assert answer.status_code == (200 if where == "query" else 400)
    assert (status, view["name"]) == (200, "Kept" if where == "query" else "Atlas")
    assert view["published_version"] is None
    assert bob.get(path)[0] == 404


def test_a_form_decides_nothing_but_file_and_purpose(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    answer = gateway.http.post(
        "/v1/files",
        headers=ada.headers(),
        data={"purpose": "assistants", "owner_id": bob.member_id, "id": "file-mine", "bytes": "1"},
        files={"file": ("a.txt", b"abc")},
    )
    found = ada.get("/v1/files")[1]["data"]

    assert [file["id"] for file in found] == ([answer.json()["id"]] if answer.is_success else [])
    assert all((file["bytes"], file["id"] != "file-mine") == (3, True) for file in found)
    assert bob.get("/v1/files")[1]["data"] == []
