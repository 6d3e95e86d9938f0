"""One assistant's own OpenAPI document."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from gateway.migrate import migrate
from tests.support.gateway import Databases, Person, RunningGateway, running_gateway

OWN_PATHS = {
    "/chat/completions",
    "/models",
    "/models/{model}",
    "/files",
    "/files/{file_id}",
    "/files/{file_id}/content",
}


@pytest.fixture(scope="module")
def gateway(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """One gateway for all tests of this module: each makes an assistant of its own."""
    url = databases.empty()
    asyncio.run(migrate(url))
    with running_gateway(url, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol("Ada")


@pytest.fixture(scope="module")
def bob(gateway: RunningGateway) -> Person:
    return gateway.enrol("Bob")


@pytest.fixture
def published(ada: Person) -> str:
    """The slug of a published assistant."""
    wanted = {"name": "Atlas 图集", "description": "Knows the map", "starters": ["Where is it?"]}
    _, made = ada.post("/v1/assistants", wanted)
    ada.post(f"/v1/assistants/{made['id']}/publish")
    slug: str = made["slug"]
    return slug


def read(gateway: RunningGateway, slug: str, person: Person | None = None) -> httpx2.Response:
    headers = {} if person is None else person.headers()
    return gateway.http.get(f"/a/{slug}/openapi.json", headers=headers)


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        named = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return named + [each for value in part.values() for each in references(value)]
    if isinstance(part, list):
        return [each for value in part for each in references(value)]
    return []


def test_it_holds_this_assistant_and_nothing_else(
    gateway: RunningGateway, ada: Person, published: str
) -> None:
    document = read(gateway, published, ada).json()

    assert document["openapi"].startswith("3.1")
    assert document["info"] == {
        "title": "Atlas 图集",
        "description": "Knows the map",
        "version": "1",
    }
    assert set(document["paths"]) == OWN_PATHS
    assert document["servers"] == [{"url": "v1"}]


def test_it_is_complete_in_itself(gateway: RunningGateway, ada: Person, published: str) -> None:
    document = read(gateway, published, ada).json()
    schemas = document["components"]["schemas"]
    operations = [each for path in document["paths"].values() for each in path.values()]
    ids = [operation["operationId"] for operation in operations]

    assert {each.removeprefix("#/components/schemas/") for each in references(document)} == set(
        schemas
    )
    assert len(set(ids)) == len(ids)
    assert "create_chat_completion" in ids
    assert all(set(each["responses"]) == {"200", "4XX", "5XX"} for each in operations)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_its_example_is_a_request_that_is_accepted(
    gateway: RunningGateway, ada: Person, published: str
) -> None:
    operation = read(gateway, published, ada).json()["paths"]["/chat/completions"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    _, problem = ada.post(f"/a/{published}/v1/chat/completions", example)

    assert example["messages"] == [{"role": "user", "content": "Where is it?"}]
    assert problem["code"] == "service_unavailable"  # nobody serves models here
    assert "text/event-stream" in operation["responses"]["200"]["content"]


def test_it_says_how_to_sign_in(gateway: RunningGateway, ada: Person, published: str) -> None:
    document = read(gateway, published, ada).json()

    assert document["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_without_a_key_only_a_public_one_is_readable(
    gateway: RunningGateway, ada: Person, bob: Person, published: str
) -> None:
    closed, unknown = read(gateway, published), read(gateway, "nobody")
    foreign = read(gateway, published, bob)
    ada.put(f"/v1/assistants/{published}/sharing", {"visibility": "public"})
    _, draft = ada.post("/v1/assistants", {"name": "Draft"})
    ada.put(f"/v1/assistants/{draft['id']}/sharing", {"visibility": "public"})

    assert (closed.status_code, unknown.status_code, foreign.status_code) == (401, 401, 404)
    assert closed.json()["error"] == unknown.json()["error"]
    assert read(gateway, published).status_code == 200
    assert read(gateway, published, bob).status_code == 200
    assert read(gateway, draft["slug"]).status_code == 401
    assert read(gateway, draft["slug"], ada).json()["error"]["code"] == "assistant_not_published"


def test_a_bad_key_is_refused_even_where_none_is_needed(
    gateway: RunningGateway, ada: Person, published: str
) -> None:
    ada.put(f"/v1/assistants/{published}/sharing", {"visibility": "public"})
    nobody = Person(gateway.http, "sk-stoa-nonsense")

    assert read(gateway, published, nobody).json()["error"]["code"] == "invalid_api_key"


def test_the_gateways_own_document_is_left_as_it_was(
    gateway: RunningGateway, ada: Person, published: str
) -> None:
    before = gateway.http.get("/openapi.json").json()
    read(gateway, published, ada)

    assert gateway.http.get("/openapi.json").json() == before
