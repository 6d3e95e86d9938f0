"""Every route of the gateway, whoever calls: what is not on a list here is closed.

A new route fails these tests until somebody has decided who may call it.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.main import build_app
from tests.support.gateway import Person, RunningGateway, gateway_settings
from tests.unit.gateway.working import collection_of, document_of

PUBLIC = {
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/v1/installation"),
    ("POST", "/v1/accounts"),
    ("POST", "/v1/accounts/claim"),
    ("POST", "/v1/accounts/confirm"),
    ("POST", "/v1/invites/look"),
    ("POST", "/v1/invites/sign-in"),
    ("POST", "/v1/password-resets"),
    ("POST", "/v1/password-resets/use"),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/doors/{door}/visits"),
}
"""Without any key or session."""

TO_STRANGERS = {("GET", "/v1/doors/{door}"), ("GET", "/v1/doors/{door}/avatar")}
"""Neither; but whoever sends a token must send one that opens the route."""

TO_BOUND_KEYS = {
    ("POST", "/v1/chat/completions"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/{model}"),
    ("POST", "/a/{assistant}/v1/chat/completions"),
    ("GET", "/a/{assistant}/v1/models"),
    ("GET", "/a/{assistant}/v1/models/{model}"),
    ("GET", "/a/{assistant}/v1/files"),
    ("POST", "/a/{assistant}/v1/files"),
    ("GET", "/a/{assistant}/v1/files/{file_id}"),
    ("DELETE", "/a/{assistant}/v1/files/{file_id}"),
    ("GET", "/a/{assistant}/v1/files/{file_id}/content"),
    ("GET", "/a/{assistant}/openapi.json"),
}
"""To a key bound to one assistant, and there only about that assistant."""

TO_PUBLISHABLE_KEYS = {
    ("POST", "/a/{assistant}/v1/chat/completions"),
    ("GET", "/a/{assistant}/v1/models"),
    ("GET", "/a/{assistant}/v1/models/{model}"),
}
"""To a key that stands in web pages, asked from one of them."""

ALL_SCOPES = ("chat", "ingest", "read")


@pytest.fixture
def other(ada: Person) -> dict[str, str]:
    """Another assistant of Ada's, with knowledge of its own: the ids in every route's path."""
    collection_id = collection_of(ada)
    file_id = document_of(ada, collection_id)
    resources = {"file_search": {"vector_store_ids": [collection_id]}}
    _, made = ada.post("/v1/assistants", {"name": "Other", "tool_resources": resources})
    ada.post(f"/v1/assistants/{made['id']}/publish")
    return {
        "assistant": made["slug"],
        "assistant_id": made["id"],
        "collection_id": collection_id,
        "file_id": file_id,
        "model": made["slug"],
    }


@cache
def routes() -> list[tuple[str, str]]:
    settings = gateway_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", Path())
    paths = build_app(settings).openapi()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def called(
    gateway: RunningGateway,
    route: tuple[str, str],
    ids: dict[str, str],
    token: str | None,
    origin: str = "",
) -> tuple[int, str]:
    """What a route answers to an empty request: status and error code."""
    method, path = route
    names = {"{" + name + "}": value for name, value in ids.items()}
    for name, value in names.items():
        path = path.replace(name, value)
    while "{" in path:
        begin, rest = path.split("{", 1)
        path = begin + "none" + rest.partition("}")[2]
    headers = {} if token is None else Person(gateway.http, token, origin=origin).headers()
    answer = gateway.http.request(method, path, headers=headers)
    code = answer.json().get("error", {}).get("code", "") if answer.is_error else ""
    return answer.status_code, code


def test_without_a_key_only_the_listed_routes_answer(
    gateway: RunningGateway, other: dict[str, str]
) -> None:
    answers = {route: called(gateway, route, other, None) for route in routes()}

    open_ = {route for route, (status, code) in answers.items() if (status, code) != NOT_SIGNED_IN}
    assert open_ == PUBLIC | TO_STRANGERS


def test_a_bound_key_is_refused_by_every_route_that_is_not_listed(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str, other: dict[str, str]
) -> None:
    key = gateway.with_key(ada, *ALL_SCOPES, assistant_id=assistant_of_ada).token
    answers = {route: called(gateway, route, other, key) for route in routes()}

    closed = {route for route, answer in answers.items() if answer == KEY_BOUND}
    assert set(answers) - closed == TO_BOUND_KEYS | PUBLIC


def test_a_publishable_key_is_refused_by_every_route_that_is_not_listed(
    gateway: RunningGateway, ada: Person, other: dict[str, str]
) -> None:
    key = gateway.with_page_key(ada, other["assistant_id"], _SITE).token
    answers = {route: called(gateway, route, other, key, _SITE) for route in routes()}
    without_origin = {called(gateway, route, other, key) for route in TO_PUBLISHABLE_KEYS}

    closed = {route for route, answer in answers.items() if answer == KEY_BOUND}
    assert set(answers) - closed == TO_PUBLISHABLE_KEYS | PUBLIC
    assert without_origin == {(403, "origin_not_allowed")}


def test_at_another_assistants_address_a_bound_key_finds_nothing(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str, other: dict[str, str]
) -> None:
    key = gateway.with_key(ada, *ALL_SCOPES, assistant_id=assistant_of_ada)
    question = {"model": "default", "messages": [{"role": "user", "content": "Hi"}]}
    base, file = f"/a/{other['assistant']}/v1", f"/files/{other['file_id']}"
    answers = [
        key.post(f"{base}/chat/completions", question),
        key.get(f"{base}/models"),
        key.get(f"{base}/models/default"),
        key.get(f"{base}/files"),
        key.get(base + file),
        key.get(f"{base}{file}/content"),
        key.delete(base + file),
        key.get(f"/a/{other['assistant_id']}/openapi.json"),
    ]
    upload = gateway.http.post(
        f"{base}/files", headers=key.headers(), files={"file": ("a.txt", b"a")}
    )

    assert {(status, body["code"]) for status, body in answers} == {(404, "assistant_not_found")}
    assert (upload.status_code, upload.json()["error"]["code"]) == (404, "assistant_not_found")
    assert ada.get(f"/v1/files/{other['file_id']}")[0] == 200


def test_at_its_own_address_a_bound_key_finds_no_other_file(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str, other: dict[str, str]
) -> None:
    key = gateway.with_key(ada, *ALL_SCOPES, assistant_id=assistant_of_ada)
    file = f"/a/{assistant_of_ada}/v1/files/{other['file_id']}"
    answers = [key.get(file), key.get(f"{file}/content"), key.delete(file)]

    assert {(status, body["code"]) for status, body in answers} == {(404, "file_not_found")}
    assert ada.get(f"/v1/files/{other['file_id']}")[0] == 200


def test_another_workspace_finds_no_assistant_on_any_route(
    gateway: RunningGateway, bob: Person, other: dict[str, str]
) -> None:
    about_one = [route for route in routes() if "{assistant" in route[1]]
    answers = {}
    for route in about_one:
        method, path = route
        path = path.replace("{assistant_id}", other["assistant_id"])
        path = path.replace("{assistant}", other["assistant"])
        path = path.replace("{file_id}", other["file_id"]).replace("{model}", "default")
        body = BODIES.get(route, {})
        answer = gateway.http.request(method, path, headers=bob.headers(), json=body)
        answers[route] = (answer.status_code, answer.json()["error"]["code"])

    assert set(answers.values()) == {(404, "assistant_not_found")}


def test_a_key_is_read_from_the_authorization_header_alone(
    gateway: RunningGateway, ada: Person
) -> None:
    key = gateway.with_key(ada, "read", "chat").token
    ways: list[dict[str, Any]] = [
        {"params": dict.fromkeys(("key", "api_key", "access_token", "token"), key)},
        {"headers": {"x-api-key": key}},
        {"headers": {"cookie": f"session={key}; token={key}"}},
        {"json": {"key": key, "api_key": key}},
    ]
    places = [("GET", "/v1/assistants"), ("POST", "/v1/chat/completions")]
    answers = [
        gateway.http.request(method, path, **way).status_code
        for way in ways
        for method, path in places
    ]

    assert answers == [401] * 8


_SITE = "https://shop.example"
NOT_SIGNED_IN = (401, "not_signed_in")
KEY_BOUND = (403, "key_bound")
BODIES: dict[tuple[str, str], object] = {
    ("PUT", "/v1/assistants/{assistant_id}/sharing"): {"visibility": "public"},
    ("POST", "/v1/assistants/{assistant_id}/sharing/{grantee_id}"): {"powers": ["use"]},
    ("PUT", "/v1/assistants/{assistant_id}/takedown/answer"): {"words": "Look again."},
    ("POST", "/v1/assistants/{assistant_id}/transfer"): {"member_id": "mem_none"},
    ("PATCH", "/v1/assistants/{assistant_id}/versions/{number}"): {"note": "New."},
    ("POST", "/v1/assistants/{assistant_id}/search"): {"query": "Hi"},
    ("POST", "/a/{assistant}/v1/chat/completions"): {
        "messages": [{"role": "user", "content": "Hi"}]
    },
}
